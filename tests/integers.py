#!/usr/bin/env python3
"""Networks of small integers: every sum is an integer below 2048, exact in fp16 in whatever order it is added up.

  integers.py DIR

Writes DIR/NAME/{options.yaml, weights.safetensors, input.npy}. The CPU's output of code generated with --exact, without
Winograd's fractions, is what a GPU must give bit by bit: nothing finds a wrong index or a wrong halo more surely.
"""
import json, math, os, random, struct, sys


def weights(f, r, name, shape, terms=None):
    """-1, 0 and 1; of TERMS inputs of each output something, or of all."""
    each = math.prod(shape[1:])
    values = []
    for _ in range(shape[0]):
        row = [r.choice((-1, 0, 1)) for _ in range(each)]
        if terms:
            kept = set(r.sample(range(each), min(terms, each)))
            row = [r.choice((-1, 1)) if i in kept else 0 for i in range(each)]
        values += row
    f[name + ".weight"] = (shape, values)
    f[name + ".bias"] = (shape[:1], [r.randint(-3, 3) for _ in range(shape[0])])


def flat(f, r):
    """Wide sums first, then few terms each, so that all stay small: channels that are multiples of 8 and not."""
    weights(f, r, "a", (16, 3, 7, 7))
    weights(f, r, "b", (40, 16, 3, 3), 24)
    weights(f, r, "c", (64, 40, 1, 1), 3)
    weights(f, r, "d", (64, 32, 3, 3), 2)
    weights(f, r, "g", (72, 64, 3, 3), 3)
    weights(f, r, "h", (36, 2, 3, 3), 3)
    return [3, 45, 38], """
- {type: conv, name: a, filters: 16, kernel-size: 7, stride: 2, padding: 3}
- {type: relu, name: a1}
- {type: max-pool, name: a2, kernel-size: 3, stride: 2, padding: 1}
- {type: conv, name: b, filters: 40, kernel-size: 3, padding: 1}
- {type: conv, name: c, filters: 64, kernel-size: 1}
- {type: relu, name: c1}
- {type: conv, name: d, filters: 64, kernel-size: 3, padding: same, groups: 2}
- {type: add, name: e, input: [d, c1]}
- {type: relu, name: e1}
- {type: conv, name: g, filters: 72, kernel-size: 3, stride: [2, 1], dilation: [1, 2], padding: [[1, 0], [2, 1]]}
- {type: conv, name: h, filters: 36, kernel-size: 3, padding: same, groups: 36}
"""


def deep(f, r):
    weights(f, r, "a", (24, 2, 3, 3, 3))
    f["up.weight"] = ((24, 16, 3, 3, 2), [r.choice((-1, 0, 0, 0, 1)) for _ in range(24 * 16 * 18)])
    f["up.bias"] = ((16,), [r.randint(-2, 2) for _ in range(16)])
    weights(f, r, "b", (16, 16, 3, 3, 3), 3)
    weights(f, r, "c", (16, 16, 2, 3, 3), 3)
    return [2, 7, 9, 8], """
- {type: conv, name: a, filters: 24, kernel-size: 3, stride: [1, 2, 1], padding: 1}
- {type: relu, name: a1}
- {type: transposed-conv-3d, name: up, filter-size: [3, 2, 3], num-filters: 16, stride: [2, 2, 2], cropping: [[1, 0, 0], [0, 0, 1]]}
- {type: conv, name: b, filters: 16, kernel-size: 3, padding: same}
- {type: add, name: s, input: [b, up]}
- {type: relu, name: s1}
- {type: conv, name: c, filters: 16, kernel-size: [2, 3, 3], stride: 2, padding: same}
"""


def save(folder, name, make, seed, batch):
    r, f = random.Random(seed), {}
    size, layers = make(f, r)
    folder = os.path.join(folder, name)
    os.makedirs(folder, exist_ok=True)
    with open(folder + "/options.yaml", "w") as out:
        out.write(f"name: {name}\nnetwork: sequence\nbatch: {batch}\ninput-size: {size}\nlayers:{layers}")
    head, blob = {}, b""
    for key, (shape, values) in f.items():
        data = struct.pack(f"<{len(values)}f", *values)
        head[key] = {"dtype": "F32", "shape": list(shape), "data_offsets": [len(blob), len(blob) + len(data)]}
        blob += data
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    with open(folder + "/weights.safetensors", "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + blob)
    shape = (batch, *size)
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    count = math.prod(shape)
    with open(folder + "/input.npy", "wb") as out:
        out.write(b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text
                  + struct.pack(f"<{count}f", *(r.choice((-1, 0, 1)) for _ in range(count))))


if len(sys.argv) != 2:
    sys.exit("usage: integers.py DIR")
for i, make in enumerate((flat, deep)):
    save(sys.argv[1], f"integers_{make.__name__}", make, i, 2)
