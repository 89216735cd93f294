#!/usr/bin/env python3
"""Networks as PyTorch and Keras export them to ONNX, each generated, built, run and compared with ONNX Runtime.

    python3 bench/onnx_exports.py [--rescast ./rescast] [--target avx512] [--results FILE.json] [--table FILE.md]
                                  [--files 'dynamo *'] [PATTERN ...]
    python3 bench/onnx_exports.py --keras ...

A file for each network of EXPORTS in bench/networks.py by each of torch's exporters (TorchScript, dynamo) in opset 13 and
the newest that it writes; with --keras Keras' ResNet50 and ResNet50V2 by tf2onnx instead, which wants TensorFlow. The dynamo
exporter writes opset 18 where it can't convert a network to an older one. --results keeps what was found, and a file that
is in it is not tried again unless it failed: an interruption loses one. --table writes all that is in it. Needs onnx,
onnxruntime, torch, torchvision and MONAI; speeds of the same networks are those of bench/cpu_peers.py --networks exports.
"""
import argparse
import fnmatch
import json
import logging
import os
import shutil
import subprocess
import tempfile
import warnings

warnings.filterwarnings("ignore")
import numpy as np

LIMIT = 1e-5
KINDS = {"TorchScript": (13, 20), "dynamo": (13, 25)}  # exporter: opsets
KERAS = {"keras_resnet50": "ResNet50", "keras_resnet50v2": "ResNet50V2"}


def torch_export(name, exporter, opset, file):
    import torch
    from cpu_peers import module_of
    module, x = module_of(name)
    logging.disable(logging.WARNING)
    keys = {"dynamo": True, "external_data": False, "verbose": False} if exporter == "dynamo" else {"dynamo": False}
    torch.onnx.export(module, (x,), file, opset_version=opset, input_names=["x"], output_names=["y"], **keys)
    return x.numpy()


def keras_export(name, exporter, opset, file):
    import keras
    import tensorflow
    import tf2onnx
    keras.utils.set_random_seed(1)
    model = getattr(keras.applications, KERAS[name])(weights=None)
    random = np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            scale, shift, mean, variance = layer.get_weights()
            n = len(scale)
            layer.set_weights([random.uniform(0.8, 1.2, n), 0.1 * random.standard_normal(n), 0.1 * random.standard_normal(n),
                               random.uniform(0.5, 1.5, n)])
    call = tensorflow.function(lambda x: model(x, training=False))
    spec = (tensorflow.TensorSpec((1, 224, 224, 3), tensorflow.float32, name="x"),)
    tf2onnx.convert.from_function(call, spec, opset=opset, output_path=file)
    return random.standard_normal((1, 224, 224, 3)).astype(np.float32)


def by_onnx_runtime(file, x):
    import onnxruntime
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: x})[0]


def run(command):
    """Raise the last line of what a command says when it fails."""
    p = subprocess.run(command, capture_output=True, text=True)
    if p.returncode:
        raise RuntimeError((p.stderr.strip().split("\n") or ["fails"])[-1])


def check(arguments, export, name, exporter, opset, work):
    """What is kept of a file: its opset, how far rescast's output is from ONNX Runtime's, or what went wrong."""
    import onnx
    file = f"{work}/net.onnx"
    x = export(name, exporter, opset, file)
    written = next(o.version for o in onnx.load(file, load_external_data=False).opset_import if o.domain in ("", "ai.onnx"))
    y = by_onnx_runtime(file, x).ravel()
    if x.shape[-1] == 3 and export is keras_export:
        x = np.moveaxis(x, -1, 1)  # rescast's inputs have their channels first
    np.save(f"{work}/x.npy", np.ascontiguousarray(x))
    found = {"opset": written}
    try:
        # one folder and equal names, so that a compiler's cache knows the kernels of the network's other files
        run([arguments.rescast, "generate", file, "-o", f"{work}/net", "-t", arguments.target, "--set", "name=net"])
        run(["make", "-s", "-C", f"{work}/net", f"-j{arguments.jobs}"])
        run([f"{work}/net/net", "--no-check", "--output", f"{work}/y.npy", f"{work}/x.npy"])
        z = np.load(f"{work}/y.npy").ravel()
        found["relative_l2"] = float(np.linalg.norm(z - y) / np.linalg.norm(y))
    except RuntimeError as error:
        found["error"] = str(error).replace(work + os.sep, "")
    return found


def agrees(found):
    return found.get("relative_l2", 1) <= LIMIT


def table(results):
    """In Markdown: a line for each network, a column for each file."""
    columns = list(dict.fromkeys((exporter, opset) for files in results.values() for exporter, opset in map(str.split, files)))
    lines = ["| network | " + " | ".join(f"{e}, {o}" for e, o in columns) + " |", "|---" * (1 + len(columns)) + "|"]
    for name, files in results.items():
        cells = []
        for exporter, opset in columns:
            found = files.get(f"{exporter} {opset}")
            cell = "" if not found else f"{found['relative_l2']:.1e}" if "relative_l2" in found else found["error"]
            cells.append(cell + (f" (opset {found['opset']})" if found and str(found["opset"]) != opset else ""))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rescast", default="./rescast")
    parser.add_argument("--target", default="avx512")
    parser.add_argument("--results")
    parser.add_argument("--table")
    parser.add_argument("--keras", action="store_true")
    parser.add_argument("--jobs", type=int, default=2, help="of make")
    parser.add_argument("--files", default="*", help="a pattern of exporter and opset, as 'dynamo 25'")
    parser.add_argument("pattern", nargs="*", default=["*"])
    arguments = parser.parse_args()
    if arguments.keras:
        names, kinds, export = list(KERAS), {"tf2onnx": (13, 18)}, keras_export
    else:
        from networks import EXPORTS
        names, kinds, export = list(EXPORTS), KINDS, torch_export
    results = {}
    if arguments.results and os.path.exists(arguments.results):
        results = json.load(open(arguments.results))
    for name in names:
        if not any(fnmatch.fnmatch(name, p) for p in arguments.pattern):
            continue
        for exporter, opset in ((e, o) for e, opsets in kinds.items() for o in opsets):
            files = results.setdefault(name, {})
            key = f"{exporter} {opset}"
            if not fnmatch.fnmatch(key, arguments.files) or (key in files and agrees(files[key])):
                continue
            work = tempfile.mkdtemp(prefix="rescast-exports.")
            try:
                files[key] = check(arguments, export, name, exporter, opset, work)
            except Exception as error:  # the exporter's or ONNX Runtime's
                files[key] = {"opset": opset, "error": f"not exported: {(str(error).splitlines() or [type(error).__name__])[0][:200]}"}
            finally:
                shutil.rmtree(work)
            found = files[key]
            text = f"{found['relative_l2']:.1e}" if "relative_l2" in found else found["error"]
            print(f"{'ok  ' if agrees(found) else 'FAIL'} {name}, {key} (opset {found['opset']}): {text}", flush=True)
            if arguments.results:
                with open(arguments.results, "w") as f:
                    json.dump(results, f, indent=1)
    files = [found for of_name in results.values() for found in of_name.values()]
    print(f"{sum(map(agrees, files))} of {len(files)} files")
    if arguments.table:
        with open(arguments.table, "w") as f:
            f.write(table(results))


if __name__ == "__main__":
    main()
