#!/usr/bin/env python3
"""Checkpoints of timm's ResNets, by name alone: random weights, generated, built, run and compared with timm.

    python3 bench/timm_checkpoints.py [--rescast ./rescast] [--target avx2] [--module resnet] [--side 64] [--double]
                                      [PATTERN ...]

Every configuration of the module is tried, those with published weights and architectures without; those of equal
architecture and classes have equal tensors and are tried once. Normalisations get random statistics, so that eps and
order matter. The file is called as the architecture, from which rescast knows what has no tensors (anti-aliasing). --double
compares with timm in double: where weights are standardised its own floats differ by more than 1e-5 from that. Needs
timm and PyTorch.
"""
import argparse
import fnmatch
import os
import shutil
import subprocess
import tempfile
import warnings

warnings.filterwarnings("ignore")
import numpy as np
import timm
import torch


def configurations(module):
    """(architecture, classes) -> names of the configurations."""
    published = timm.list_models(module=module, pretrained=True)
    others = [m for m in timm.list_models(module=module) if not any(p.split(".")[0] == m for p in published)]
    found = {}
    for name in published + others:
        config = timm.get_pretrained_cfg(name)
        found.setdefault((name.split(".")[0], config.num_classes if config else 1000), []).append(name)
    return found


def randomise(model):
    for m in model.modules():
        if isinstance(m, torch.nn.modules.batchnorm._BatchNorm):
            m.running_mean.normal_(0, 0.1)
            m.running_var.uniform_(0.5, 1.5)
        if isinstance(m, (torch.nn.modules.batchnorm._BatchNorm, torch.nn.GroupNorm)):
            m.weight.data.uniform_(0.8, 1.2)
            m.bias.data.normal_(0, 0.1)
    for m in model.modules():  # the last normalisation of a block: sums over many blocks stay near 1
        last = getattr(m, "bn3", None) or getattr(m, "bn2", None) or getattr(m, "norm3", None)
        if last is not None:
            last.weight.data.mul_(0.3)


def failure(command):
    """The last line of what a command says when it fails, or None; and what it says at first."""
    p = subprocess.run(command, capture_output=True, text=True)
    lines = p.stderr.strip().split("\n")
    return (lines[-1] if p.returncode else None), lines[0]


def check(arch, classes, arguments, work):
    """The relative L2 error and what was recognised, or what went wrong."""
    torch.manual_seed(7)
    model = timm.create_model(arch, pretrained=False, num_classes=classes).eval()
    randomise(model)
    x = torch.randn(1, 3, arguments.side, arguments.side)
    torch.save(model.state_dict(), f"{work}/{arch}.pth")
    np.save(f"{work}/x.npy", x.numpy())
    with torch.no_grad():
        y = (model.double()(x.double()) if arguments.double else model(x)).numpy().ravel()
    command = [arguments.rescast, "generate", f"{work}/{arch}.pth", "-o", f"{work}/net", "-t", arguments.target]
    # equal names, so that a compiler's cache knows kernels that an earlier network had
    for s in f"input-size=[3, {arguments.side}, {arguments.side}]", "scale=1", "mean=null", "std=null", "name=net":
        command += ["--set", s]
    wrong, recognised = failure(command)
    if not wrong:
        wrong, _ = failure(["make", "-s", "-C", f"{work}/net", "-j2"])
    if not wrong:
        wrong, _ = failure([f"{work}/net/net", "--output", f"{work}/y.npy", f"{work}/x.npy"])
    if wrong:
        return None, wrong
    z = np.load(f"{work}/y.npy").ravel()
    return np.linalg.norm(z - y) / np.linalg.norm(y), recognised


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rescast", default="./rescast")
    parser.add_argument("--target", default="avx2")
    parser.add_argument("--module", default="resnet")
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--double", action="store_true")
    parser.add_argument("pattern", nargs="*", default=["*"])
    arguments = parser.parse_args()
    good = done = 0
    for (arch, classes), names in sorted(configurations(arguments.module).items()):
        if not any(fnmatch.fnmatch(arch, p) for p in arguments.pattern):
            continue
        work = tempfile.mkdtemp(prefix="rescast-timm.")
        try:
            error, text = check(arch, classes, arguments, work)
        finally:
            shutil.rmtree(work)
        well = error is not None and error <= 1e-5
        done += len(names)
        good += len(names) * well
        shown = "" if error is None else f"{error:.1e}, "
        print(f"{'ok  ' if well else 'FAIL'} {arch}, {classes} classes ({len(names)}): {shown}{text}".replace(work + os.sep, ""),
              flush=True)
    print(f"{good} of {done} configurations")


if __name__ == "__main__":
    main()
