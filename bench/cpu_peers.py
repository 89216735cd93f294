#!/usr/bin/env python3
"""Generated networks beside OpenVINO, ONNX Runtime, ncnn and PyTorch: same weights, same input, batch 1, fp32, alternating.

  cpu_peers.py --rescast CMD [--networks resnet18,...] [--threads 1,2] [--rounds 7] [--generate "-t avx512,avx2"] [--json FILE]
Every round runs every engine for --seconds, after two runs that are not counted; a line gives the median and the
minimum of all runs, the output's distance from PyTorch's, and our median over the fastest peer's.
Needs torch, torchvision, onnx, onnxruntime, openvino, ncnn and pnnx from PyPI; an engine that is missing, or that can't
run a network, is left out and named.
"""
import argparse, copy, json, os, platform, struct, subprocess, sys, tempfile, time
import numpy as np, torch
from networks import NETWORKS


def save_safetensors(path, tensors):
    head, blob = {}, []
    at = 0
    for name, value in tensors.items():
        b = np.ascontiguousarray(value, dtype=np.float32).tobytes()
        head[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [at, at + len(b)]}
        at += len(b)
        blob.append(b)
    h = json.dumps(head).encode()
    h += b" " * (-len(h) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(h)) + h)
        f.writelines(blob)


def write_inputs(name, module, folder):
    """What rescast reads: weights and options."""
    _, shape, options = NETWORKS[name]
    weights = {k: v.cpu().numpy() for k, v in module.state_dict().items() if not k.endswith("num_batches_tracked")}
    if "resnet3d" in options:
        weights["input.mean"] = np.zeros(shape[0], np.float32)
    save_safetensors(f"{folder}/weights.safetensors", weights)
    with open(f"{folder}/options.yaml", "w") as f:
        f.write(f"name: net\n{options}")


def make(name, folder, torch_seed=1):
    """The module with random weights, frozen statistics included, and files for everybody."""
    build, shape, _ = NETWORKS[name]
    torch.manual_seed(torch_seed)
    module = build().eval()
    for m in module.modules():
        if isinstance(m, (torch.nn.BatchNorm2d, torch.nn.BatchNorm3d)):
            m.running_mean.normal_(0, 0.1)
            m.running_var.uniform_(0.5, 1.5)
    x = torch.randn(1, *shape)
    write_inputs(name, module, folder)
    np.save(f"{folder}/x.npy", x.numpy())
    torch.onnx.export(module, x, f"{folder}/net.onnx", dynamo=False, input_names=["x"], output_names=["y"])
    with torch.no_grad():
        y = module(x).numpy()
    return module, x, y


class Timer:
    def __init__(self, call):
        self.call, self.times = call, []

    def round(self, seconds):
        for _ in range(2):
            self.call()
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            t = time.perf_counter()
            self.call()
            self.times.append(1e3 * (time.perf_counter() - t))


def onnx_runtime(folder, module, x, threads):
    import onnxruntime
    o = onnxruntime.SessionOptions()
    o.intra_op_num_threads, o.inter_op_num_threads = threads, 1
    s = onnxruntime.InferenceSession(f"{folder}/net.onnx", o, providers=["CPUExecutionProvider"])
    return {f"ONNX Runtime {onnxruntime.__version__}": lambda: s.run(None, {"x": x.numpy()})[0]}


def openvino(folder, module, x, threads):
    import openvino
    core = openvino.Core()
    model = core.read_model(f"{folder}/net.onnx")
    model.reshape(list(x.shape))
    c = core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32",
                                          "PERFORMANCE_HINT": "LATENCY"})
    r = c.create_infer_request()
    return {f"OpenVINO {openvino.__version__.split('-')[0]}": lambda: r.infer({0: x.numpy()}, share_inputs=True)[0]}


def pytorch(folder, module, x, threads):
    torch.set_num_threads(threads)
    last = torch.channels_last if x.dim() == 4 else torch.channels_last_3d
    calls = {}
    for label, m, v in (("channels first", module, x), ("channels last", None, x.to(memory_format=last))):
        if m is None:
            m = copy.deepcopy(module).to(memory_format=last)
        with torch.no_grad():
            frozen = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(m, v)))

        def call(frozen=frozen, v=v):
            with torch.no_grad():
                return frozen(v).numpy()
        calls[f"PyTorch {torch.__version__.split('+')[0]} {label}"] = call
    return calls


def ncnn(folder, module, x, threads):
    import ncnn as n
    if x.dim() != 4:
        raise RuntimeError("no 3-D kernels on x86")
    if not os.path.exists(f"{folder}/net.ncnn.param"):
        torch.jit.trace(module, x).save(f"{folder}/net.pt")
        subprocess.run([os.path.join(os.path.dirname(sys.executable), "pnnx"), "net.pt", f"inputshape={list(x.shape)}".replace(" ", ""),
                        "fp16=0"], cwd=folder, check=True, capture_output=True)
    net = n.Net()
    net.opt.num_threads, net.opt.use_vulkan_compute = threads, False
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = net.opt.use_bf16_storage = False
    net.load_param(f"{folder}/net.ncnn.param")
    net.load_model(f"{folder}/net.ncnn.bin")
    m = n.Mat(x[0].numpy()).clone()

    def call():
        e = net.create_extractor()
        e.input("in0", m)
        return np.array(e.extract("out0")[1])[None]
    call.keep = net
    return {f"ncnn {n.__version__}": call}


class Ours:
    """The generated program, run for about as long as a peer; its own clock, as the engines' have no start-up either."""

    def __init__(self, folder, target, threads):
        self.times, self.folder, self.runs = [], folder, 5
        self.command = [f"{folder}/net/net", "--json", "--threads", str(threads), "--output", f"{folder}/y.npy"]
        self.command += ["--target", target] if target else []

    def bench(self, runs):
        out = subprocess.run(self.command + ["--bench", str(runs), f"{self.folder}/x.npy"], check=True, capture_output=True, text=True)
        return json.loads(out.stdout)["bench"]

    def call(self):
        self.bench(1)
        return np.load(f"{self.folder}/y.npy")

    def round(self, seconds):
        b = self.bench(self.runs)
        self.times += [b["median_ms"]] * self.runs
        self.least = min(getattr(self, "least", b["min_ms"]), b["min_ms"])
        self.runs = max(3, int(1e3 * seconds / b["median_ms"]))


def cast(rescast, folder, generate, arch="", weights=True):
    """Seconds to generate folder/net from the options (with random weights where there are none), and to compile it."""
    t0 = time.perf_counter()
    given = ["-w", f"{folder}/weights.safetensors"] if weights else []
    subprocess.run(rescast.split() + ["generate", f"{folder}/options.yaml", "-o", f"{folder}/net"] + given + generate.split(), check=True)
    t1 = time.perf_counter()
    subprocess.run(["make", "-s", "-j2", "-C", f"{folder}/net"] + ([f"ARCH={arch}"] if arch else []), check=True)
    return t1 - t0, time.perf_counter() - t1


def machine():
    info = open("/proc/cpuinfo").read()
    model = [l.split(":")[1].strip() for l in info.splitlines() if l.startswith("model name")]
    return f"{model[0]}, {len(model)} processors" if model else platform.machine()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rescast", required=True)
    p.add_argument("--networks", default="all")
    p.add_argument("--threads", default="1,2")
    p.add_argument("--rounds", type=int, default=7)
    p.add_argument("--seconds", type=float, default=0.3)
    p.add_argument("--engines", default="openvino,onnx_runtime,ncnn,pytorch")
    p.add_argument("--generate", default="-t avx512,avx2", help="arguments of rescast generate")
    p.add_argument("--arch", default="", help="ARCH of the generated Makefile")
    p.add_argument("--target", default="")
    p.add_argument("--json")
    a = p.parse_args()
    results = {"machine": machine(), "date": time.strftime("%Y-%m-%d"), "generate": a.generate, "networks": {}}
    print(results["machine"], flush=True)
    for name in NETWORKS if a.networks == "all" else a.networks.split(","):
        with tempfile.TemporaryDirectory() as folder:
            module, x, y = make(name, folder)
            generated, compiled = cast(a.rescast, folder, a.generate, a.arch)
            print(f"{name}: generated in {generated:.1f} s, compiled in {compiled:.1f} s", flush=True)
            for threads in map(int, a.threads.split(",")):
                engines, outputs = {"rescast": Ours(folder, a.target, threads)}, {}
                outputs["rescast"] = engines["rescast"].call()
                for e in filter(None, a.engines.split(",")):
                    try:
                        for label, call in globals()[e](folder, module, x, threads).items():
                            outputs[label] = call()
                            engines[label] = Timer(call)
                    except Exception as error:
                        print(f"  {e} is left out: {str(error).splitlines()[0][:120] if str(error) else type(error).__name__}", flush=True)
                for _ in range(a.rounds):
                    for e in engines.values():
                        time.sleep(0.25)  # idle threads of the engine before spin for a while
                        e.round(a.seconds)
                rows = {}
                for label, e in engines.items():
                    error = np.linalg.norm(outputs[label].ravel() - y.ravel()) / np.linalg.norm(y)
                    rows[label] = {"median_ms": float(np.median(e.times)), "min_ms": float(getattr(e, "least", min(e.times))),
                                   "relative_l2": float(error)}
                peers = {k: v["median_ms"] for k, v in rows.items() if k != "rescast"}
                best = min(peers, key=peers.get) if peers else None
                ratio = rows["rescast"]["median_ms"] / peers[best] if best else None
                for label, r in rows.items():
                    print(f"  {threads} thread{'s' * (threads > 1)} {label:34} {r['median_ms']:9.2f} ms  least {r['min_ms']:9.2f}  output {r['relative_l2']:.1e}")
                if best:
                    print(f"  {name}, {threads} thread{'s' * (threads > 1)}: ratio {ratio:.2f} of {best}", flush=True)
                results["networks"].setdefault(name, {})[threads] = {"engines": rows, "fastest": best, "ratio": ratio}
                if a.json:
                    with open(a.json, "w") as f:
                        json.dump(results, f, indent=1)


if __name__ == "__main__":
    main()
