#!/usr/bin/env python3
"""Programs with --sliding-window beside a reference in NumPy, and beside MONAI's sliding_window_inference where that is installed.

    python3 bench/sliding_window.py [--rescast ./rescast] [--target avx512] [--work DIR] [--time CPUS] [NAME ...]

The reference lays windows, weights and mirrored axes by a few lines of its own, in double, and runs each window by the
library through examples/embedding/python; that the network itself is right, other tests tell. Two networks are MONAI's,
exported to ONNX, and are left out without torch and MONAI. --time takes a list of CPUs, such as 0,1: the first network that
is named is timed on the first CPU alone and on all of them, with as many threads."""
import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TOP, "examples/embedding/python"))
from rescast_network import Network  # noqa: E402

LIMIT = 1e-5
FLAT = """network: sequence
name: flat
input-size: [3, 24, 40]
scale: 255
mean: [0.4, 0.5, 0.6]
std: [0.2, 0.3, 0.25]
layers:
- {type: conv, name: a, filters: 16, kernel-size: 3, stride: 2, padding: 1}
- {type: relu, name: b}
- {type: conv, name: c, filters: 16, kernel-size: 3, padding: 1}
- {type: upsample, name: d, scale: 2, mode: linear}
- {type: conv, name: e, filters: 4, kernel-size: 3, padding: 1}
"""
UP = """network: sequence
name: up
input-size: [2, 20, 12]
layers:
- {type: conv, name: a, filters: 16, kernel-size: 3, padding: 1}
- {type: relu, name: b}
- {type: transposed-conv-2d, name: c, filter-size: 2, num-filters: 3, stride: [2, 2]}
"""
DOWN = """network: sequence
name: down
input-size: [1, 8, 16, 16]
layers:
- {type: conv, name: a, filters: 16, kernel-size: 3, stride: [1, 2, 2], padding: 1}
- {type: relu, name: b}
- {type: conv, name: c, filters: 5, kernel-size: 3, stride: [2, 1, 1], padding: 1}
"""


def monai_net(name, shape, **arguments):
    def export(file):
        import logging
        import warnings
        import monai
        import torch
        torch.manual_seed(3)
        logging.disable(logging.WARNING)
        warnings.filterwarnings("ignore")
        module = getattr(monai.networks.nets, name)(spatial_dims=len(shape) - 1, **arguments).eval()
        torch.onnx.export(module, (torch.zeros(1, *shape),), file, input_names=["x"], output_names=["y"], dynamo=False)
    return export


# name: what it is generated from, volumes' extents, (name of the program)
NETWORKS = {
    "flat": (FLAT, [(61, 97), (24, 40), (17, 203), (13, 21)]),
    "up": (UP, [(45, 31), (7, 29)]),
    "down": (DOWN, [(19, 37, 41), (5, 16, 50), (8, 11, 9)]),
    "digits": ("examples/digits/digits", [(29, 23), (8, 8), (5, 19)]),
    "volumes": ("examples/volumes/volumes", [(41, 37, 29), (11, 50, 24)]),
    "bottleneck3d_autoencoder": ("examples/networks/bottleneck3d-autoencoder", [(45, 7, 101), (9, 4, 63)]),
    "segresnet": (monai_net("SegResNet", (1, 32, 32, 32), in_channels=1, out_channels=2, init_filters=8),
                  [(50, 41, 37), (32, 20, 45)]),
    "unet": (monai_net("UNet", (1, 32, 32, 32), in_channels=1, out_channels=2, channels=(8, 16, 32), strides=(2, 2),
                       num_res_units=1), [(47, 33, 65)]),
}
OPTIONS = [dict(), dict(overlap=0.5, blend="gaussian"), dict(overlap=0.7, blend="gaussian", mirror=True)]


# ---- the reference ----

def starts(extent, size, overlap):
    step = size if extent == size else max(int(size * (1 - overlap)), 1)
    count = 1 + -(-(extent - size) // step)
    return [min(i * step, extent - size) for i in range(count)]


def gaussian(sizes, outs):
    weights = np.ones(())
    for size, out in zip(sizes, outs):
        axis = np.exp(-0.5 * ((np.arange(size) - (size - 1) / 2) / (0.125 * size)) ** 2)
        nearest = [int((i + 0.5) * size // out) for i in range(out)]
        weights = weights[..., None] * axis[nearest]
    return np.maximum(weights, 1e-3)


def reference(network, volume, overlap=0.25, blend="constant", mirror=False):
    """The output for the volume, (C, [D,] H, W), by a network: a function of a window."""
    sizes, outs = network.input_shape[2:], network.output_shape[2:]
    extents = volume.shape[1:]
    padding = [((size - n) // 2, size - n - (size - n) // 2) if n < size else (0, 0) for n, size in zip(extents, sizes)]
    volume = np.pad(volume, [(0, 0), *padding])
    axes = range(1, volume.ndim)
    flips = [f for k in range(len(sizes) + 1) for f in itertools.combinations(axes, k)] if mirror else [()]
    places = list(itertools.product(*(starts(n, size, overlap) for n, size in zip(volume.shape[1:], sizes))))
    scores, total, count = 0, None, None
    for place in places:
        window = volume[(slice(None), *(slice(p, p + size) for p, size in zip(place, sizes)))]
        mean = 0
        for flip in flips:
            y = network(np.ascontiguousarray(np.flip(window, flip)), prepare=False)[0].astype(np.float64)
            mean = mean + (np.flip(y, flip) if outs else y) / len(flips)
        if not outs:
            scores = scores + mean / len(places)
            continue
        if total is None:
            full = [n * out // size for n, out, size in zip(volume.shape[1:], outs, sizes)]
            total, count = np.zeros((len(mean), *full)), np.zeros(full)
            weights = gaussian(sizes, outs) if blend == "gaussian" else np.ones(outs)
        where = tuple(slice(p * out // size, p * out // size + out) for p, out, size in zip(place, outs, sizes))
        total[(slice(None), *where)] += mean * weights
        count[where] += weights
    if not outs:
        return scores
    kept = [slice(round(b * out / size), round((b + n) * out / size)) if b or a else slice(None)
            for (b, a), n, out, size in zip(padding, extents, outs, sizes)]
    return (total / count)[(slice(None), *kept)]


def by_monai(network, volume, overlap=0.25, blend="constant", mirror=False):
    """The same by MONAI; None: it is not there, or has no such thing."""
    try:
        import torch
        from monai.inferers import sliding_window_inference
    except ImportError:
        return None
    if mirror or len(network.output_shape) == 2:
        return None
    def predict(x):
        return torch.from_numpy(network(x[0].numpy(), prepare=False))
    return sliding_window_inference(torch.from_numpy(volume)[None], network.input_shape[2:], 1, predict, overlap=overlap,
                                    mode=blend)[0].numpy()


# ---- programs ----

def build(name, made_from, work, rescast, target):
    folder = os.path.join(work, name)
    if callable(made_from):
        made_from(os.path.join(work, f"{name}.onnx"))
        command = [os.path.join(work, f"{name}.onnx"), "--set", f"name={name}"]
    elif "\n" in made_from:
        with open(os.path.join(work, f"{name}.yaml"), "w") as f:
            f.write(made_from)
        command = [os.path.join(work, f"{name}.yaml")]
    else:
        weights = os.path.join(TOP, made_from + ".safetensors")
        command = [os.path.join(TOP, made_from + ".yaml")] + (["-w", weights] if os.path.exists(weights) else [])
    subprocess.run([rescast, "generate", *command, "-o", folder, "-t", target], check=True, stderr=subprocess.DEVNULL)
    subprocess.run(["make", "-s", "-C", folder, "-j2"], check=True)
    return folder


def arguments(options):
    listed = [a for key in ("overlap", "blend") if key in options for a in (f"--{key}", str(options[key]))]
    return listed + (["--mirror"] if options.get("mirror") else [])


def prepared(network, volume):
    """What the program feeds."""
    i = network.info
    x = volume.astype(np.float64) / (i.scale or 1)
    for c in range(len(volume)):
        x[c] = (x[c] - (i.mean[c] if i.mean else 0)) / (i.std[c] if i.std else 1)
    return x.astype(np.float32)


def distance(x, y):
    return np.linalg.norm(x.astype(np.float64) - y) / np.linalg.norm(y)


def compare(name, folder, volumes, work):
    library, worst, worst_monai, cases = os.path.join(folder, f"lib{name}.so"), 0, None, 0
    generator = np.random.default_rng(1)
    with Network(library, os.path.join(folder, f"{name}.weights")) as network:
        for extents, options in itertools.product(volumes, OPTIONS):
            if network.info.scale not in (0, 1):
                volume = generator.integers(0, 256, (network.input_shape[1], *extents), dtype=np.uint8)
            else:
                volume = generator.standard_normal((network.input_shape[1], *extents)).astype(np.float32)
            file, out = os.path.join(work, "volume.npy"), os.path.join(work, "out.npy")
            np.save(file, volume if cases % 2 else np.asfortranarray(volume))
            results = []
            for threads in (1, 2, 3):
                subprocess.run([os.path.join(folder, name), "--sliding-window", *arguments(options), "--threads", str(threads),
                                "--output", out, file], check=True, stdout=subprocess.DEVNULL)
                results.append(np.load(out)[0])
            if not all(np.array_equal(r, results[0], equal_nan=True) for r in results):
                sys.exit(f"{name} {extents} {options}: results depend on the number of threads")
            x = prepared(network, volume)
            wanted, monai = reference(network, x, **options), by_monai(network, x, **options)
            if wanted.shape != results[0].shape:
                sys.exit(f"{name} {extents} {options}: the shape {results[0].shape}, not {wanted.shape}")
            worst = max(worst, distance(results[0], wanted))
            if monai is not None:
                worst_monai = max(worst_monai or 0, distance(results[0], monai))
            cases += 1
    beside = "" if worst_monai is None else f", to MONAI {worst_monai:.2g}"
    print(f"{name}: {cases} cases, relative L2 to NumPy {worst:.2g}{beside}", flush=True)
    return worst <= LIMIT and (worst_monai or 0) <= LIMIT


def measure(name, folder, extents, work, cpus):
    """Seconds of a run that is long beside the start of the program, by one CPU and by all, alternately: the least of each."""
    with Network(os.path.join(folder, f"lib{name}.so"), os.path.join(folder, f"{name}.weights")) as network:
        channels = network.input_shape[1]
    file = os.path.join(work, "large.npy")
    np.save(file, np.random.default_rng(2).standard_normal((channels, *(4 * n for n in extents))).astype(np.float32))
    best = [1e9, 1e9]
    for _ in range(5):
        for i, (list_, threads) in enumerate(((cpus.split(",")[0], 1), (cpus, len(cpus.split(","))))):
            start = time.perf_counter()
            subprocess.run(["taskset", "-c", list_, os.path.join(folder, name), "--sliding-window", "--threads", str(threads),
                            file], check=True, stdout=subprocess.DEVNULL)
            best[i] = min(best[i], time.perf_counter() - start)
    print(f"{name}: {best[0]:.3f} s on one CPU, {best[1]:.3f} s on {cpus}: {best[0] / best[1]:.2f} times as fast")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rescast", default=os.path.join(TOP, "rescast"))
    parser.add_argument("--target", default="avx512")
    parser.add_argument("--work")
    parser.add_argument("--time")
    parser.add_argument("names", nargs="*", metavar="NAME", default=[], help=", ".join(NETWORKS))
    o = parser.parse_args()
    work = o.work or tempfile.mkdtemp(prefix="sliding-window-")
    os.makedirs(work, exist_ok=True)
    good = True
    for name in o.names or NETWORKS:
        made_from, volumes = NETWORKS[name]
        try:
            folder = build(name, made_from, work, o.rescast, o.target)
        except ImportError as e:
            print(f"{name}: left out, {e}")
            continue
        if o.time:
            measure(name, folder, volumes[0], work, o.time)
        else:
            good &= compare(name, folder, volumes, work)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
