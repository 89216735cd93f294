#!/usr/bin/env python3
"""ONNX's own backend cases (of the onnx package: node, simple, light, pytorch-converted, pytorch-operator), each
generated, built for c and avx2, run and compared with the case's outputs; --nvcc compiles its CUDA source, too.

    python3 bench/onnx_cases.py [--rescast ./rescast] [--work DIR] [--nvcc] [--table FILE] [PATTERN ...]

DIR/passed has the hash of what each case that passed was generated as, its input and its outputs: a run that was cut
off goes on where it ended, and after a change of rescast only what is generated otherwise is built again.

A case counts where its operators are among those that rescast says it has (OPERATORS below), its input and output are
floats and its shapes are known beforehand; all others are listed with a word why. A network has one input: further
inputs of a case become initializers, with the case's values, as weights are in models.  One line for each case that
fails; --table prints the counts by operator as docs/onnx-cases.md has them. Needs onnx and NumPy.
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import warnings

warnings.filterwarnings("ignore")
import numpy as np
import onnx
from onnx import numpy_helper
from onnx.backend.test.loader import load_model_tests

# Operators of models that rescast takes or is to take; the cases of all others are outside.
OPERATORS = set("""
Abs Add AveragePool BatchNormalization Cast CastLike Celu Clip Concat Constant ConstantOfShape Conv ConvTranspose
DepthToSpace Div Dropout Elu Erf Exp Expand Flatten Gather Gelu Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool
GroupNormalization HardSigmoid HardSwish Identity InstanceNormalization LRN LayerNormalization LeakyRelu Log LogSoftmax
LpPool MatMul Max MaxPool Mean MeanVarianceNormalization Min Mish Mul Neg PRelu Pad Pow Reciprocal ReduceL1 ReduceL2
ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceSum ReduceSumSquare Relu Reshape Resize Selu Sigmoid
Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Swish Tanh Transpose Unsqueeze Upsample
""".split())

FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE, onnx.TensorProto.BFLOAT16)
TOLERANCE = {onnx.TensorProto.FLOAT: 1e-3, onnx.TensorProto.DOUBLE: 1e-3, onnx.TensorProto.FLOAT16: 2e-3,
             onnx.TensorProto.BFLOAT16: 2e-2}
LIMIT = 120  # seconds, of each command
PASSED = None

# What rescast's graphs have no place for although the operator is one of its own.
BEYOND = [
    ("training_", "training"),
    ("_training_mode", "training"),
]


class Case:
    def __init__(self, kind, case):
        self.kind, self.name = kind, case.name
        self.rtol, self.atol = case.rtol, case.atol
        if case.model is not None:
            self.model, self.sets = case.model, case.data_sets
        else:
            self.model = onnx.load(os.path.join(case.model_dir, "model.onnx"))
            self.sets = None
            self.folder = case.model_dir
        self.operator = self.name_of_operator(case)

    def name_of_operator(self, case):
        """The operator that a node's case is of, also where a function is expanded; else all of the model's."""
        if self.kind == "node" and "_expanded" in self.name:
            inner = getattr(case, "of", None)
            return inner or "of functions, expanded"
        ops = [n.op_type for n in self.model.graph.node if n.op_type not in ("Constant", "Identity")]
        ops = list(dict.fromkeys(ops)) or ["Constant"]
        return ops[0] if len(ops) == 1 else " + ".join(sorted(ops)) if len(ops) < 4 else "several"

    def data(self):
        if self.sets is None:
            read = lambda what: [self.load(f) for f in self.files(what)]
            self.sets = [(read("input"), read("output"))]
        inputs, outputs = self.sets[0]
        named = [i for i in self.model.graph.input if i.name not in {t.name for t in self.model.graph.initializer}]
        array = lambda a: numpy_helper.to_array(a) if isinstance(a, onnx.TensorProto) else a
        return dict(zip([i.name for i in named], map(array, inputs))), list(map(array, outputs))

    def files(self, what):
        folder = os.path.join(self.folder, "test_data_set_0")
        names = [f for f in os.listdir(folder) if f.startswith(what)]
        return [os.path.join(folder, f) for f in sorted(names, key=lambda f: int(re.findall(r"\d+", f)[0]))]

    def load(self, path):
        t = onnx.TensorProto()
        with open(path, "rb") as f:
            t.ParseFromString(f.read())
        return numpy_helper.to_array(t)


def light_cases():
    """The models of `light` have weights of ConstantOfShape; their input is one that all runs share."""
    import onnx.backend.test as backend_test

    class Light:
        rtol, atol, data_sets = 1e-3, 1e-7, None

    folder = os.path.join(os.path.dirname(backend_test.__file__), "data", "light")
    for f in sorted(os.listdir(folder)):
        if not f.endswith(".onnx"):
            continue
        c = Light()
        c.name, c.model = f[:-5], onnx.load(os.path.join(folder, f))
        inputs, initialized = [], {t.name for t in c.model.graph.initializer}
        for i in c.model.graph.input:
            if i.name in initialized:
                continue
            shape = [d.dim_value for d in i.type.tensor_type.shape.dim]
            count = int(np.prod(shape))
            inputs.append((np.arange(count) / count).reshape(shape).astype(np.float32))
        out = onnx.TensorProto()
        with open(os.path.join(folder, c.name + "_output_0.pb"), "rb") as g:
            out.ParseFromString(g.read())
        c.data_sets = [(inputs, [numpy_helper.to_array(out)])]
        yield c


def all_cases():
    for kind in ("node", "simple", "pytorch-converted", "pytorch-operator"):
        cases = load_model_tests(kind=kind)
        of = {c.name: [n.op_type for n in c.model.graph.node] for c in cases if c.model is not None}
        for c in cases:
            base = re.sub(r"_expanded(_ver\d+)?$", "", c.name)
            if base != c.name and base in of:
                c.of = of[base][0] + ", expanded"
            yield Case(kind, c)
    for c in light_cases():
        yield Case("light", c)


# ---- which cases count ----

def elem_type(v):
    return v.type.tensor_type.elem_type if v.type.HasField("tensor_type") else None


def reason_outside(case):
    """Why the case does not count, or None."""
    g = case.model.graph
    for v in list(g.input) + list(g.output):
        if not v.type.HasField("tensor_type"):
            return "sequences, optionals or maps"
    for pattern, word in BEYOND:
        if pattern in case.name:
            return word
    functions = {(f.domain, f.name) for f in case.model.functions}
    ops = {n.op_type for n in g.node if (n.domain, n.op_type) not in functions}
    base = case.operator.replace(", expanded", "")
    if "expanded" in case.operator and base not in OPERATORS and base != "of functions":
        return "operator outside"
    if "expanded" not in case.operator and not ops <= OPERATORS:
        return "operator outside"
    inputs = [i for i in g.input if i.name not in {t.name for t in g.initializer}]
    if not inputs or elem_type(inputs[0]) not in FLOATS:
        return "integers, booleans or text" if inputs else "constants alone"
    if any(elem_type(o) not in FLOATS for o in g.output):
        return "integers come out"
    given, outputs = case.data()
    if any(np.asarray(a).size == 0 for a in list(given.values())[:1] + list(outputs)):
        return "no elements"
    if any(np.isfinite(a).any() and np.max(np.abs(a[np.isfinite(a)])) > 1e38 for a in map(
            lambda a: np.asarray(a, dtype=np.float64), outputs)):
        return "numbers beyond float's"
    if sum(elem_type(i) in FLOATS for i in inputs) == 0:
        return "integers, booleans or text"
    return None


# ---- one case ----

def with_constants(case, given, keep):
    """The model with all inputs but KEEP as initializers."""
    m = onnx.ModelProto()
    m.CopyFrom(case.model)
    g = m.graph
    for i in list(g.input):
        if i.name in given and i.name != keep:
            a = given[i.name]
            if elem_type(i) == onnx.TensorProto.BFLOAT16:
                t = onnx.helper.make_tensor(i.name, onnx.TensorProto.BFLOAT16, a.shape, a.astype(np.float32).ravel())
            else:
                t = numpy_helper.from_array(np.asarray(a), i.name)
            g.initializer.append(t)
        if i.name != keep:
            g.input.remove(i)
    write_out_fills(g)
    shape = [int(d) for d in np.asarray(given[keep]).shape]
    for i in g.input:
        tensor = i.type.tensor_type
        del tensor.shape.dim[:]
        for d in shape:
            tensor.shape.dim.add().dim_value = d
    return m


def write_out_fills(g):
    """ConstantOfShape of an initializer, as the weights of `light` are, as the initializer that it stands for."""
    known = {t.name: numpy_helper.to_array(t) for t in g.initializer if t.data_type == onnx.TensorProto.INT64}
    for n in list(g.node):
        if n.op_type == "ConstantOfShape" and n.input[0] in known and len(g.node) > 1:
            value = numpy_helper.to_array(n.attribute[0].t) if n.attribute else np.zeros(1, np.float32)
            g.initializer.append(numpy_helper.from_array(np.full(known[n.input[0]], value[0], value.dtype), n.output[0]))
            g.node.remove(n)


def run(command, **more):
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT, **more)


def generate(args, folder, model, output):
    net = os.path.join(folder, "net")
    shutil.rmtree(net, ignore_errors=True)
    targets = "c,avx2,cuda" if args.nvcc else "c,avx2"
    r = run([args.rescast, "generate", model, "-o", net, "-t", targets]
            + (["--output-tensor", output] if output else []))
    return net, r.stdout.strip().split("\n")[-1] if r.returncode else None


def hash_of(net, arrays):
    h = hashlib.sha256()
    for root, dirs, files in os.walk(net):
        dirs.sort()
        for f in sorted(files):
            with open(os.path.join(root, f), "rb") as g:
                h.update(f.encode() + g.read())
    for a in arrays:
        h.update(np.ascontiguousarray(a).tobytes())
    return h.hexdigest()


class Passed:
    """What has passed in this run or one before."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.known = set(open(path).read().split()) if os.path.exists(path) else set()
        self.file = open(path, "a")

    def add(self, h):
        with self.lock:
            self.known.add(h)
            self.file.write(h + "\n")
            self.file.flush()


def compile_cuda(net):
    """Each source for one GPU: the same source of another case is not compiled twice."""
    for f in os.listdir(net):
        if not f.endswith(".cu"):
            continue
        with open(os.path.join(net, f), "rb") as g:
            h = hashlib.sha256(g.read()).hexdigest()
        if h in PASSED.known:
            continue
        r = run(["nvcc", "-arch=sm_90a", "-Xptxas", "-O0", "-cubin", "-o", os.path.join(net, "net.cubin"),
                 os.path.join(net, f)])
        if r.returncode:
            return "nvcc: " + r.stdout.strip()[:300]
        PASSED.add(h)
    return None


def compare(got, want, case, kind):
    want = np.asarray(want).astype(np.float64)
    if got.size != want.size:
        return f"{got.size} numbers for {want.size}"
    got = got.astype(np.float64).reshape(want.shape)
    rtol = max(case.rtol, TOLERANCE[kind])
    if np.allclose(got, want, rtol=rtol, atol=max(case.atol, 1e-6 if rtol < 2e-3 else rtol), equal_nan=True):
        return None
    return f"differs by {np.nanmax(np.abs(got - want)):.3g} of {np.nanmax(np.abs(want)):.3g}"


def run_case(args, case):
    """None, or what is wrong."""
    given, outputs = case.data()
    g = case.model.graph
    floats = [i.name for i in g.input if i.name in given and elem_type(i) in FLOATS]
    folder = os.path.join(args.work, case.name)
    os.makedirs(folder, exist_ok=True)
    model = os.path.join(folder, "net.onnx")
    try:
        for index, (out, want) in enumerate(zip(g.output, outputs)):
            wrong = []
            for keep in floats:  # the network's input: the first one with which the model is taken
                onnx.save(with_constants(case, given, keep), model)
                wrong.append(run_output(args, case, folder, model, out if len(g.output) > 1 else None, given[keep],
                                        want, elem_type(g.output[index])))
                if not (wrong[-1] or "").startswith("refused"):
                    break
            if all(wrong):
                return wrong[0] if wrong[-1].startswith("refused") else wrong[-1]
    finally:
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    return None


def run_output(args, case, folder, model, out, x, want, kind):
    net, error = generate(args, folder, model, out.name if out is not None else None)
    if error:
        return "refused: " + re.sub(r"rescast: \S*?net.onnx: ", "", re.sub("; allowed: Conv, .*", "", error))
    with open(os.path.join(net, "net.json")) as f:
        manifest = json.load(f)
    shape = manifest["input_shape"]
    x = np.asarray(x).astype(np.float32)
    x = x.reshape(shape)
    h = hash_of(net, [x, np.asarray(want)])
    if h in PASSED.known:
        return None
    np.save(os.path.join(folder, "x.npy"), np.ascontiguousarray(x))
    r = run(["make", "-s", "-C", net, "CFLAGS=-O1", "NVCC=", "net"])
    if r.returncode:
        return "make: " + r.stdout.strip()[:300]
    for target in "c", "avx2":
        y = os.path.join(folder, "y.npy")
        r = run([os.path.join(net, "net"), "--no-check", "--threads", "1", "--target", target, "--output", y,
                 os.path.join(folder, "x.npy")])
        if r.returncode:
            return f"{target}: " + r.stdout.strip()[:300]
        wrong = compare(np.load(y), want, case, kind)
        if wrong:
            return f"{target}: {wrong}"
    wrong = compile_cuda(net) if args.nvcc else None
    if not wrong:
        PASSED.add(h)
    return wrong


def attempt(args, case):
    try:
        return run_case(args, case)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


def write_table(path, targets, passed, failed, reasons, outside):
    count = sum(passed.values()) + sum(failed.values())
    with open(path, "w") as f:
        f.write(f"""# ONNX's own cases

The backend cases of the onnx package {onnx.__version__} (node, simple, light, pytorch-converted, pytorch-operator), of the operators that
docs/models.md lists: {sum(passed.values())} of {count} pass on {targets}. This page is written by `bench/onnx_cases.py --table`.

A network has one input, so the further inputs of a case are initializers here, with the case's values, and of several outputs each is
a network. Types of 8 and 2 bytes are read as numbers of 4, so results are compared to 1e-3 or, of 2 bytes, 2e-3.

| operator | pass |
|---|---|
""")
        for op in sorted(set(passed) | set(failed)):
            f.write(f"| {op} | {passed[op]} of {passed[op] + failed[op]} |\n")
        if reasons:
            f.write("\n## What does not pass\n\n| case | why |\n|---|---|\n")
        for name, why in reasons:
            f.write(f"| {name} | {why.replace('|', '&#124;')} |\n")
        f.write("\n## What is outside\n\n| why | cases by operator |\n|---|---|\n")
        for why in sorted(outside):
            f.write(f"| {why} | " + ", ".join(f"{op} {n}" for op, n in sorted(outside[why].items())) + " |\n")


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--rescast", default="./rescast")
    p.add_argument("--work", default="/tmp/onnx_cases")
    p.add_argument("--nvcc", action="store_true")
    p.add_argument("--keep", action="store_true")
    p.add_argument("--all", action="store_true", help="a line for each case that passes, too")
    p.add_argument("--table", help="write the counts to FILE, as docs/onnx-cases.md has them")
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("patterns", nargs="*")
    args = p.parse_args()
    args.rescast = os.path.abspath(args.rescast)
    os.makedirs(args.work, exist_ok=True)
    global PASSED
    PASSED = Passed(os.path.join(args.work, "passed"))
    counted, outside = [], collections.defaultdict(collections.Counter)
    for case in all_cases():
        if args.patterns and not any(fnmatch.fnmatch(case.name, q) for q in args.patterns):
            continue
        why = reason_outside(case)
        if why:
            outside[why][case.operator] += 1
        else:
            counted.append(case)
    passed, failed, reasons = collections.Counter(), collections.Counter(), []
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for case, wrong in zip(counted, pool.map(lambda c: attempt(args, c), counted)):
            (failed if wrong else passed)[case.operator] += 1
            if wrong:
                reasons.append((case.name, wrong))
            if wrong or args.all:
                print(f"{case.name} ({case.operator}): {wrong or 'passes'}", flush=True)
    print(f"{sum(passed.values())} of {len(counted)} cases pass")
    if args.table:
        targets = "the targets c and avx2" + (", and nvcc compiles their CUDA sources" if args.nvcc else "")
        write_table(args.table, targets, passed, failed, reasons, outside)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
