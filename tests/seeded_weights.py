#!/usr/bin/env python3
"""Weights for a generated network, of the shapes in its manifest: made where it runs rather than carried there.

  seeded_weights.py NAME.json FILE.safetensors

The same for each manifest with the same parameters. Norms leave what they get nearly as it is, sums keep its size.
"""
import array, json, math, random, struct, sys


def values(r, name, shape):
    count = math.prod(shape)
    if len(shape) < 2:
        lo, hi = {"running_var": (.8, 1.2), "weight": (.4, .6), "alpha": (.1, .3), "std": (.8, 1.2)}.get(name.rsplit(".")[-1], (-.1, .1))
    else:
        hi = math.sqrt(6 / math.prod(shape[1:]))  # a variance of 2 / terms, which a relu halves
        lo = -hi
    step = (hi - lo) / 65535
    return array.array("f", (lo + step * u for u in array.array("H", r.randbytes(2 * count))))


if len(sys.argv) != 3:
    sys.exit("usage: seeded_weights.py NAME.json FILE.safetensors")
random_source, head, at, blobs = random.Random(1), {}, 0, []
for name, shape in sorted(json.load(open(sys.argv[1]))["params"].items()):
    blobs.append(values(random_source, name, shape).tobytes())
    head[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + len(blobs[-1])]}
    at += len(blobs[-1])
text = json.dumps(head).encode()
text += b" " * (-len(text) % 8)
with open(sys.argv[2], "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text)
    f.writelines(blobs)
