#!/usr/bin/env python3
"""Random numbers with a few NaN and infinities, as .npy: special_input.py SHAPE SAMPLES OUT.npy, SHAPE as [C, H, W].

Of the elements of each sample three are NaN, one inf and one -inf; the last sample has infinities alone."""
import json, random, struct, sys

shape, samples, path = json.loads(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
r, values, count = random.Random(7), [], 1
for extent in shape:
    count *= extent
for sample in range(samples):
    x = [r.uniform(-1, 1) for _ in range(count)]
    for special in ["nan"] * (3 if sample + 1 < samples else 0) + ["inf", "-inf"]:
        x[r.randrange(count)] = float(special)
    values += x
head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({', '.join(map(str, [samples] + shape))}), }}"
head += " " * (-(len(head) + 11) % 64) + "\n"
with open(path, "wb") as f:
    f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + struct.pack(f"<{len(values)}f", *values))
