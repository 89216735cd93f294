#!/usr/bin/env python3
"""Random layer graphs of every type, with the outputs that PyTorch computes for them in float64.

  random_graphs.py --seed S --n N --out DIR [--reference SEQUENCE.py]

Writes DIR/NAME/{options.yaml, weights.safetensors, input.npy, output.npy}: 2-D and 3-D, odd sizes, channels that are
no multiples of 16, shortcuts, sums of several. Needs PyTorch, NumPy, PyYAML and the reference runner sequence.py;
nothing of the build uses this file.
"""
import argparse, importlib.util, json, os, random, struct
import numpy as np, torch, torch.nn.functional as F, yaml

WIDTHS = [1, 2, 3, 5, 8, 12, 16, 17, 20, 24, 32, 33, 40]
LIMIT = 60000  # elements of a map


def save_safetensors(path, tensors):
    head, blob = {}, b""
    for name, t in tensors.items():
        data = np.ascontiguousarray(t, dtype=np.float32).tobytes()
        head[name] = {"dtype": "F32", "shape": list(t.shape), "data_offsets": [len(blob), len(blob) + len(data)]}
        blob += data
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + blob)


class Graph:
    """Layers, parameters and the shape (C, [D,] H, W) of what each layer gives."""

    def __init__(self, seed):
        self.r = random.Random(seed)
        self.g = torch.Generator().manual_seed(seed)
        self.layers, self.params, self.shapes = [], {}, {}
        n = self.r.choice([2, 3])
        size = [self.r.randint(3, 13) for _ in range(n)]
        if self.r.random() < .15:
            size[self.r.randrange(n)] = 1
        self.input = [self.r.choice(WIDTHS)] + size
        self.shapes["input"] = tuple(self.input)
        self.last = "input"

    def axes(self, lo, hi, n):
        """A number for all axes, or one for each."""
        return self.r.randint(lo, hi) if self.r.random() < .5 else [self.r.randint(lo, hi) for _ in range(n)]

    def param(self, name, *shape, kind="weight"):
        t = torch.randn(*shape, generator=self.g)
        if kind == "weight":
            t *= (2 / max(np.prod(shape[1:]), 1)) ** .5
        elif kind == "variance":
            t = t.abs() * .5 + .5
        elif kind == "scale":
            t = 1 + .2 * t
        else:
            t *= .2
        self.params[name] = t


def vec(v, n):
    return [v] * n if isinstance(v, int) else list(v)


def conv(G, shape):
    n = len(shape) - 1
    groups = G.r.choice([1, 1, 1] + [q for q in (2, 3, 4, shape[0]) if shape[0] % q == 0])
    out = groups * G.r.choice([1, 2, 5, 8, 16]) if groups > 1 else G.r.choice(WIDTHS)
    l = {"type": "conv", "filters": out, "kernel-size": G.axes(1, 4, n)}
    if G.r.random() < .6:
        l["stride"] = G.axes(1, 3, n)
    if G.r.random() < .2:
        l["dilation"] = G.axes(1, 2, n)
    if groups > 1:
        l["groups"] = groups
    kind = G.r.random()
    if kind < .35:
        l["padding"] = "same"
    elif kind < .6:
        l["padding"] = G.axes(0, 2, n)
    elif kind < .8:
        l["padding"] = [[G.r.randint(0, 2) for _ in range(n)] for _ in range(2)]
    k = vec(l["kernel-size"], n)
    bias = G.r.random() < .5
    return l, lambda name: (G.param(name + ".weight", out, shape[0] // groups, *k),
                            bias and G.param(name + ".bias", out, kind="bias"))


def norm(G, shape):
    kind = "batch-norm" if len(shape) == 1 or np.prod(shape[1:]) < 2 or G.r.random() < .6 else "instance-norm"
    l = {"type": kind}
    if G.r.random() < .3:
        l["eps"] = 0.001
    c, w, b = shape[0], G.r.random() < .7, G.r.random() < .7

    def params(name):
        if kind == "batch-norm":
            G.param(name + ".running_mean", c, kind="bias")
            G.param(name + ".running_var", c, kind="variance")
        if w:
            G.param(name + ".weight", c, kind="scale")
        if b:
            G.param(name + ".bias", c, kind="bias")
    return l, params


def activation(G, shape):
    if G.r.random() < .5:
        return {"type": "relu"}, None
    count = G.r.choice([1, shape[0]])
    return {"type": "prelu"}, lambda name: G.param(name + ".weight", count, kind="bias")


def pool(G, shape):
    n = len(shape) - 1
    l = {"type": G.r.choice(["max-pool", "average-pool"]), "kernel-size": G.axes(1, 3, n)}
    if G.r.random() < .6:
        l["stride"] = G.axes(1, 3, n)
    k = vec(l["kernel-size"], n)
    least = min(k) - 1
    if G.r.random() < .3:
        l["padding"] = "same"
    elif least and G.r.random() < .5:
        l["padding"] = G.r.choice([1, [[G.r.randint(0, 1) for _ in range(n)] for _ in range(2)]])
    if l["type"] == "average-pool" and G.r.random() < .5:
        l["count-include-pad"] = G.r.random() < .5
    return l, None


def upsample(G, shape):
    n = len(shape) - 1
    l = {"type": "upsample"}
    if G.r.random() < .5:
        l["output-size"] = [G.r.randint(1, 2 * q + 3) for q in shape[1:]]
    else:
        l["scale"] = G.r.choice([2, 3, [G.r.choice([1, 2, 1.5, 2.7]) for _ in range(n)]])
    if G.r.random() < .7:
        l["mode"] = G.r.choice(["linear", "nearest"])
    if l.get("mode") != "nearest" and G.r.random() < .6:
        l["align-corners"] = G.r.random() < .5
    return l, None


def reshape(G, shape):
    n = len(shape) - 1
    names = ["C"] + ["D", "H", "W"][3 - n:] if n else ["C"]
    l = {"type": "reshape"}
    if G.r.random() < .7:
        order = names[:]
        G.r.shuffle(order)
        l["order"] = order
    count = int(np.prod(shape))
    rank = G.r.choice([0, 2, 3])
    new = []
    for _ in range(rank):
        f = G.r.choice([q for q in range(1, 13) if count % q == 0])
        new.append(f)
        count //= f
    new.insert(G.r.randint(0, len(new)), count)
    l["shape"] = new
    return l, None


def linear(G, shape):
    f = G.r.choice([1, 3, 10, 16, 21, 48])
    bias = G.r.random() < .7
    return ({"type": "linear", "features": f},
            lambda name: (G.param(name + ".weight", f, int(np.prod(shape))), bias and G.param(name + ".bias", f, kind="bias")))


def transposed(G, shape):
    n = len(shape) - 1
    l = {"type": f"transposed-conv-{n}d", "filter-size": G.axes(1, 5, n), "num-filters": G.r.choice(WIDTHS)}
    if G.r.random() < .8:
        l["stride"] = G.axes(1, 4, n)
    if G.r.random() < .4:
        l["cropping"] = "same"
    elif G.r.random() < .5:
        l["cropping"] = G.r.choice([1, [[G.r.randint(0, 2) for _ in range(n)] for _ in range(2)]])
    k = dhw(vec(l["filter-size"], n))
    return l, lambda name: (G.param(name + ".weight", shape[0], l["num-filters"], *k),
                            G.param(name + ".bias", l["num-filters"], kind="bias"))


def dhw(v):
    """MATLAB's [h w d], or [h w], in the order of the array's axes."""
    return [v[2], v[0], v[1]] if len(v) == 3 else list(v)


def transposed_value(l, weight, bias, x):
    """Every input adds its filter to the output, S apart; then the borders are cut off, or zeros are added."""
    n = x.dim() - 2
    s = dhw(vec(l.get("stride", 1), n))
    y = (F.conv_transpose2d if n == 2 else F.conv_transpose3d)(x, weight, None, s)
    crop = l.get("cropping", 0)
    if crop == "same":
        surplus = [f - q * t for f, q, t in zip(y.shape[2:], x.shape[2:], s)]
        lo = [max(q, 0) // 2 for q in surplus]
        hi = [q - p for q, p in zip(surplus, lo)]
    elif isinstance(crop, list):
        lo, hi = (dhw(q) for q in crop)
    else:
        lo = hi = [crop] * n
    y = F.pad(y, [-q for pair in reversed(list(zip(lo, hi))) for q in pair])
    return y + bias.view(1, -1, *[1] * n)


def evaluate(run, layers, params, x):
    """Layer by layer, with the reference's run, and here what that lacks."""
    values, y = {"input": x}, x
    for i, l in enumerate(layers):
        name, source = str(l.get("name", i)), l.get("input")
        v = [values[q] for q in source] if isinstance(source, list) else [values[source]] if source else [y]
        if l["type"] == "add":
            y = sum(v[1:], v[0])
        elif l["type"].startswith("transposed"):
            y = transposed_value(l, params[name + ".weight"], params[name + ".bias"], v[0])
        else:
            y = run({"layers": [{**{k: q for k, q in l.items() if k != "input"}, "name": name}]}, params, v[0])
        values[name] = y
    return y


def one(G, run):
    """Add one random layer; false when it did not fit."""
    shape = G.shapes[G.last]
    source = G.r.choice(list(G.shapes)) if G.r.random() < .2 else None
    shape = G.shapes[source] if source else shape
    like = [q for q, s in G.shapes.items() if s == shape]
    if len(like) > 1 and G.r.random() < .45:
        inputs = [source or G.last] + [G.r.choice(like) for _ in range(G.r.choice([0, 1, 1, 1, 2, 3]))]
        layer, params, source = {"type": "add", "input": inputs}, None, None
    else:
        makers = [conv, conv, conv, norm, norm, activation, activation, pool, upsample, transposed, transposed, reshape, linear] if len(shape) > 1 else \
            [norm, activation, linear, reshape]
        layer, params = G.r.choice(makers)(G, shape)
        if len(shape) > 1 and G.r.random() < .03:
            layer, params = {"type": "global-average-pool"}, None
        if G.r.random() < .03:
            layer, params = {"type": "softmax"}, None
    words = [q for q in ("BATCH", "A", "AT", "require", "output") if q not in G.shapes]
    name = G.r.choice(words) if words and G.r.random() < .1 else f"{G.r.choice(['l', 'block.', 'A', 'x-', 'BATCH'])}{len(G.layers)}"
    if G.r.random() < .1:
        name = None  # its index
    layer = {"type": layer.pop("type"), **({"name": name} if name else {}), **layer}
    if source and source != G.last:
        layer["input"] = source
    elif G.r.random() < .15 and "input" not in layer:
        layer["input"] = G.last
    name = name or str(len(G.layers))
    saved = dict(G.params)
    if params:
        params(name)
    reads = layer.get("input", G.last)
    reads = reads if isinstance(reads, list) else [reads]
    try:
        xs = [torch.zeros(1, *G.shapes[q], dtype=torch.float64) for q in reads]
        alone = {k: v for k, v in layer.items() if k != "input"}
        double = {k: v.double() for k, v in G.params.items()}
        y = xs[0] if layer["type"] == "add" else evaluate(run, [{**alone, "name": name}], double, xs[0])
        if y.numel() > LIMIT or min(y.shape) < 1 or y.dim() not in (2, 4, 5) or not torch.isfinite(y).all():
            raise ValueError
        if layer["type"] == "max-pool" and y.abs().max() > 1e100:
            raise ValueError
    except Exception:
        G.params = saved
        return False
    G.layers.append(layer)
    G.shapes[name] = tuple(y.shape[1:])
    G.last = name
    return True


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--n", type=int, default=10)
    p.add_argument("--out", required=True)
    p.add_argument("--reference", default=os.path.join(os.path.dirname(__file__), "../../shared/reference/sequence.py"))
    a = p.parse_args()
    spec = importlib.util.spec_from_file_location("sequence", a.reference)
    sequence = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sequence)
    for i in range(a.n):
        seed = a.seed * 10000 + i
        G = Graph(seed)
        for _ in range(G.r.randint(1, 9)):
            one(G, sequence.run)
        if not G.params:  # a weights file holds at least one tensor
            continue
        used = {k: v for k, v in G.params.items()}
        x = torch.randn(2, *G.input, generator=G.g)
        options = {"name": f"graph_{seed}", "network": "sequence", "input-size": G.input}
        with torch.no_grad():
            y = evaluate(sequence.run, G.layers, {k: v.double() for k, v in used.items()}, x.double())
        d = os.path.join(a.out, options["name"])
        os.makedirs(d, exist_ok=True)
        with open(d + "/options.yaml", "w") as f:
            for k, v in options.items():
                f.write(f"{k}: {yaml.safe_dump(v, default_flow_style=True).splitlines()[0]}\n")
            f.write("layers:\n")
            for l in G.layers:
                f.write("  - " + yaml.safe_dump(l, default_flow_style=True, width=10000, sort_keys=False).strip() + "\n")
        save_safetensors(d + "/weights.safetensors", used)
        np.save(d + "/input.npy", x.numpy())
        np.save(d + "/output.npy", y.float().numpy())
        print(options["name"], len(G.layers), "layers", tuple(y.shape), "" if torch.isfinite(y).all() else "NOT FINITE")


if __name__ == "__main__":
    main()
