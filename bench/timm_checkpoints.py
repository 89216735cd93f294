#!/usr/bin/env python3
"""Checkpoints of timm's ResNets, by name alone: random weights, generated, built, run and compared with timm.

    python3 bench/timm_checkpoints.py [--rescast ./rescast] [--target avx2[,...]] [--module resnet[,...]] [--side 64]
                                      [--double] [--cflags -O1] [--runner qemu-aarch64] [--results FILE] [PATTERN ...]

Every configuration of the modules is tried, those with published weights and the others; those of equal architecture
and classes have equal tensors and are tried once. Normalisations get random statistics, so that eps and order matter.
The file is called as the architecture, from which rescast knows what has no tensors (anti-aliasing). --double
compares with timm in double: where weights are standardised its own floats differ by more than 1e-5 from that. What
is recorded in FILE as good is not tried again; several processes may share it, each with other patterns. A target may have
its precision behind it, as amx:bf16, and then wants another --limit. Needs timm and PyTorch.
"""
import argparse
import fnmatch
import importlib
import os
import shutil
import subprocess
import tempfile
import warnings

warnings.filterwarnings("ignore")
import numpy as np
import timm
import torch


def configurations(modules):
    """(architecture, classes) -> names of the configurations: all that the modules list, with weights or without."""
    found = {}
    for module in modules:
        entries = importlib.import_module(f"timm.models.{module}").default_cfgs
        for arch in timm.list_models(module=module):
            for tag, config in entries[arch].cfgs.items():
                found.setdefault((arch, config.num_classes), []).append(f"{arch}.{tag}" if tag else arch)
    return found


def randomise(model):
    for m in model.modules():
        if isinstance(m, torch.nn.modules.batchnorm._BatchNorm):
            m.running_mean.normal_(0, 0.1)
            m.running_var.uniform_(0.5, 1.5)
        if isinstance(m, (torch.nn.modules.batchnorm._BatchNorm, torch.nn.GroupNorm)):
            m.weight.data.uniform_(0.8, 1.2)
            m.bias.data.normal_(0, 0.1)
        if isinstance(getattr(m, "v", None), torch.nn.Parameter) or isinstance(getattr(m, "tau", None), torch.nn.Parameter):
            for p in m.parameters(recurse=False):  # EvoNorm, filter response normalisation
                p.data.add_(torch.randn_like(p) * 0.2)
    for m in model.modules():  # the last normalisation of a block: sums over many blocks stay near 1
        last = getattr(m, "bn3", None) or getattr(m, "bn2", None) or getattr(m, "norm3", None)
        if hasattr(last, "weight"):
            last.weight.data.mul_(0.3)


def failure(command):
    """The last line of what a command says when it fails, or None; and what it says at first."""
    p = subprocess.run(command, capture_output=True, text=True)
    lines = p.stderr.strip().split("\n")
    return (lines[-1] if p.returncode else None), lines[0]


def run(arguments, target, checkpoint, shape, settings, work):
    """The outputs and what was recognised, or None and what went wrong."""
    command = [arguments.rescast, "generate", checkpoint, "-o", f"{work}/net", "-t", target]
    size = "input-size=[%s]" % ", ".join(map(str, shape))
    # equal names, so that a compiler's cache knows kernels that an earlier network had
    for s in size, "scale=1", "mean=null", "std=null", "resize=null", "interpolation=null", "name=net", *settings:
        command += ["--set", s]
    wrong, recognised = failure(command)
    if not wrong:
        wrong, _ = failure(["make", "-s", "-C", f"{work}/net", "-j2", *arguments.make])
    if not wrong:
        wrong, _ = failure([*arguments.runner, f"{work}/net/net", "--output", f"{work}/y.npy", f"{work}/x.npy"])
    shutil.rmtree(f"{work}/net", ignore_errors=True)
    return (None, wrong) if wrong else (np.load(f"{work}/y.npy").ravel(), recognised)


def check(arch, classes, targets, arguments, work):
    """For each target its name, the relative L2 error or None, and what was recognised or what went wrong."""
    torch.manual_seed(7)
    model = timm.create_model(arch, pretrained=False, num_classes=classes).eval()
    randomise(model)
    x = torch.randn(1, 3, arguments.side, arguments.side)
    checkpoint = f"{work}/{arch}.pth"
    torch.save(model.state_dict(), checkpoint)
    np.save(f"{work}/x.npy", x.numpy())
    with torch.no_grad():
        y = (model.double()(x.double()) if arguments.double else model(x)).numpy().ravel()
    for target in targets:
        z, text = run(arguments, target, checkpoint, (3, arguments.side, arguments.side), [], work)
        yield target, (None if z is None else np.linalg.norm(z - y) / np.linalg.norm(y)), text


def recorded(path):
    """What a file of results has as good: beginnings of its lines."""
    if not path or not os.path.exists(path):
        return set()
    with open(path) as f:
        return {line.split(" (")[0] for line in f if line.startswith("ok")}


def parsed(parser):
    """The command line, with the options of all programs that call run."""
    parser.add_argument("--rescast", default="./rescast")
    parser.add_argument("--target", default="avx2")
    parser.add_argument("--cflags", help="of make; the optimisation changes no result, -O1 compiles sooner")
    parser.add_argument("--cc", help="of make: the compiler, for targets of other machines")
    parser.add_argument("--runner", help="what runs a program of another machine")
    parser.add_argument("--limit", type=float, default=1e-5, help="the relative L2 error that is good, 3e-2 for bf16")
    parser.add_argument("--results", help="a file that lines are added to; what it has as good is not tried again")
    parser.add_argument("pattern", nargs="*", default=["*"])
    arguments = parser.parse_args()
    arguments.make = [f"{k}={v}" for k, v in (("CFLAGS", arguments.cflags), ("CC", arguments.cc)) if v]
    arguments.runner = (arguments.runner or "").split()
    return arguments


def report(arguments, begin, count, error, text, work):
    """Say how COUNT configurations fare, whose line begins with BEGIN where they are good; how many are."""
    well = error is not None and error <= arguments.limit
    line = f"{begin if well else 'FAIL' + begin[4:]} ({count}): {'' if error is None else f'{error:.1e}, '}{text}"
    line = line.replace(work + os.sep, "")
    print(line, flush=True)
    if arguments.results:
        with open(arguments.results, "a") as f:
            f.write(line + "\n")
    return count * well


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--module", default="resnet")
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--double", action="store_true")
    arguments = parsed(parser)
    known = recorded(arguments.results)
    good = done = 0
    for (arch, classes), names in sorted(configurations(arguments.module.split(",")).items()):
        if not any(fnmatch.fnmatch(arch, p) for p in arguments.pattern):
            continue
        begin = {t: f"ok   {arch}, {classes} classes, {t}" for t in arguments.target.split(",")}
        targets = [t for t in begin if begin[t] not in known]
        done += len(names) * len(begin)
        good += len(names) * (len(begin) - len(targets))
        if not targets:
            continue
        work = tempfile.mkdtemp(prefix="rescast-timm.")
        try:
            for target, error, text in check(arch, classes, targets, arguments, work):
                good += report(arguments, begin[target], len(names), error, text, work)
        finally:
            shutil.rmtree(work)
    print(f"{good} of {done} configurations and targets")


if __name__ == "__main__":
    main()
