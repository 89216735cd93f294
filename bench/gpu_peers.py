#!/usr/bin/env python3
"""Generated networks beside PyTorch on one NVIDIA GPU: same weights, same input, alternating replays of CUDA graphs.

  gpu_peers.py --rescast CMD [--networks resnet50:1+8,resnet18,...] [--precision fp16] [--engines ours,eager,compile] [--json FILE]
  gpu_peers.py --export DIR --rescast CMD ...   generate and compile what the run needs, without weights, for another machine
  gpu_peers.py --prebuilt DIR ...               take it from there, rescast itself too, which packs the weights
  gpu_peers.py --layers resnet50:1 ...          the generated program's --profile
  gpu_peers.py --device cpu ...                 no GPU: are the outputs on the CPU, in fp32, those of PyTorch?
Every engine is one graph that is replayed on a stream; times are those between two events, the device being kept busy. PyTorch
has batch normalisation folded, channels last and cudnn.benchmark; "compile" is max-autotune with frozen weights and takes minutes
for each case. Its input and output have the precision's type and its own layout, ours are fp32 with channels first. Errors are
relative L2 distances from PyTorch's output in fp32. The last column is batch 1 with the second-level cache overwritten before each
replay. Needs torch and torchvision; a case that no time is left for is named.
"""
import argparse, gc, json, os, signal, subprocess, sys, tempfile, time
import numpy as np, torch
from cpu_peers import machine
from gpu_cast import Ours, build_module, carried_rescast, export, fold, folder_of, make_input, prepare, relative_l2, run_on_cpu, wait_for
from networks import NETWORKS

CASES = {"resnet50": (1, 8, 64, 256), "resnet18": (1, 256), "resnet3d-50-large": (1,), "resnet3d-50": (1,),
         "resnet18-3d": (1, 8), "resnet18-3d-28": (1, 32), "transposed": (1,)}
TYPES = {"fp32": torch.float32, "tf32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
ROUNDS = 5


def parse_cases(text):
    """NAME[:BATCH+BATCH...],... as pairs."""
    cases = []
    for item in text.split(",") if text else CASES:
        name, _, batches = item.partition(":")
        if name not in NETWORKS:
            sys.exit(f"gpu_peers.py: there is no network {name}; bench/networks.py has {', '.join(NETWORKS)}")
        if batches and not all(b.isdigit() and int(b) for b in batches.split("+")):
            sys.exit(f"gpu_peers.py: {item}: batches are numbers from 1 on, joined by +")
        cases += [(name, int(b)) for b in (batches.split("+") if batches else CASES.get(name, (1,)))]
    return cases


def set_precision(precision):
    """How PyTorch multiplies fp32."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision != "fp32"


# ---- engines: CUDA graphs ----

class Engine:
    """What CALL queues, as a graph. CALL returns its output, which stays where it is."""

    def __init__(self, call, free=lambda: None):
        self.call, self.free, self.times, self.cold = call, free, [], []
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                call()
        torch.cuda.current_stream().wait_stream(side)
        torch.cuda.synchronize()
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.output = call()
        self.graph.replay()
        torch.cuda.synchronize()
        self.result = self.output.float().clone()

    def measure(self, runs, between=None):
        """RUNS replays, timed, behind one that is not: the host is ahead of the device, whose time alone counts."""
        events = [(torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)) for _ in range(runs)]
        torch.cuda._sleep(40000 * runs)  # cycles: 20 us a replay
        self.graph.replay()
        for first, second in events:
            if between is not None:
                between.zero_()
            first.record()
            self.graph.replay()
            second.record()
        torch.cuda.synchronize()
        return [first.elapsed_time(second) for first, second in events]

    def close(self):
        self.graph.reset()
        self.free()


def peer(module, x, a):
    """The module and its input in the precision, channels last."""
    last = torch.channels_last if x.dim() == 4 else torch.channels_last_3d
    return fold(module).to(dtype=TYPES[a.precision], memory_format=last), x.to(dtype=TYPES[a.precision], memory_format=last)


def eager(module, x, folder, a):
    m, v = peer(module, x, a)

    def call():
        with torch.inference_mode():
            return m(v)
    return Engine(call)


def compiled(module, x, folder, a):
    """The same kernels as with its own CUDA graphs, captured as everybody's are."""
    def expire(*_):
        raise TimeoutError(f"not compiled within {a.compile_limit} s")
    torch._dynamo.reset()
    torch._inductor.config.freezing = True
    m, v = peer(module, x, a)
    optimised = torch.compile(m, mode="max-autotune-no-cudagraphs")

    def call():
        with torch.no_grad():
            return optimised(v)
    before = signal.signal(signal.SIGALRM, expire)
    signal.alarm(a.compile_limit)
    try:
        call()
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
    return Engine(call)


def ours(module, x, folder, a):
    with torch.no_grad():
        y = torch.full(module(x).shape, float("nan"), device=x.device)
    net = Ours(f"{folder}/net", x, y)

    def call():
        net.run()
        return y
    return Engine(call, net.close)


ENGINES = {"ours": ours, "eager": eager, "compile": compiled}


# ---- measuring ----

def best_of(call, runs=10):
    times = []
    for _ in range(runs):
        first, second = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        first.record()
        call()
        second.record()
        torch.cuda.synchronize()
        times.append(first.elapsed_time(second))
    return min(times[2:])


def ceilings(precision):
    """GB/s of a copy of 1 GiB, read and written, and TFLOP/s of a product of 8192 x 8192 matrices."""
    a, b = (torch.empty(1 << 30, dtype=torch.uint8, device="cuda").zero_() for _ in range(2))
    copy_ms = best_of(lambda: b.copy_(a))
    m, n = (torch.randn(8192, 8192, device="cuda", dtype=TYPES[precision]) for _ in range(2))
    out = torch.empty_like(m)
    return {"copy_gb_s": 2 * a.numel() / copy_ms / 1e6, "matmul_tflop_s": 2 * 8192 ** 3 / best_of(lambda: torch.mm(m, n, out=out)) / 1e9}


def describe_gpu():
    import triton
    p = torch.cuda.get_device_properties(0)
    try:
        driver = subprocess.run(["nvidia-smi", "--query-gpu=driver_version,clocks.max.sm,power.limit", "--format=csv,noheader"],
                                capture_output=True, text=True).stdout.splitlines()[0]
    except (OSError, IndexError):
        driver = "not known"
    return {"gpu": p.name, "sm": f"{p.major}.{p.minor}", "multiprocessors": p.multi_processor_count, "l2_mb": p.L2_cache_size / 2 ** 20,
            "driver_clock_power": driver, "torch": torch.__version__, "cuda": torch.version.cuda,
            "cudnn": torch.backends.cudnn.version(), "triton": triton.__version__, "date": time.strftime("%Y-%m-%d")}


def alternate(engines, batch, a):
    """All engines in turn, ROUNDS times; as many replays as the time allows."""
    between = None
    if batch == 1 and not a.warm:
        size = max(4 * torch.cuda.get_device_properties(0).L2_cache_size, 1 << 28)
        between = torch.empty(size, dtype=torch.uint8, device="cuda")
    runs = {}
    for label, e in engines.items():
        ms = float(np.median(e.measure(5)))
        runs[label] = max(2, int(min(a.replays, 1e3 * a.seconds / ms)) // ROUNDS)
    for _ in range(ROUNDS):
        for label, e in engines.items():
            e.times += e.measure(runs[label])
        for label, e in engines.items():
            if between is not None:
                e.cold += e.measure(max(2, runs[label] // 3), between)


def start_engines(case, module, x, folder, a):
    engines = {}
    for label in a.engines.split(","):
        try:
            if not folder and label == "ours":
                raise RuntimeError("not built")
            start = time.perf_counter()
            engines[label] = ENGINES[label](module, x, folder, a)
            print(f"  {label} is ready after {time.perf_counter() - start:.1f} s", flush=True)
        except Exception as error:  # whatever a peer's compiler throws
            print(f"  {label} is left out: {(str(error).splitlines() or [''])[0][:200] or type(error).__name__}", flush=True)
    return engines


def run_case(case, module, folder, a):
    name, batch = case
    x = make_input(name, batch, "cuda")
    set_precision("fp32")
    with torch.inference_mode():
        reference = module(x).float().clone()
    set_precision(a.precision)
    engines = start_engines(case, module, x, folder, a)
    alternate(engines, batch, a)
    rows = {}
    for label, e in engines.items():
        median = float(np.median(e.times))
        rows[label] = {"median_ms": median, "p99_ms": float(np.percentile(e.times, 99)), "replays": len(e.times),
                       "inputs_per_second": 1e3 * batch / median, "relative_l2": relative_l2(e.result, reference),
                       "cold_l2_ms": float(np.median(e.cold)) if e.cold else None}
        e.close()
    peers = {k: v["median_ms"] for k, v in rows.items() if k != "ours"}
    ratio = rows["ours"]["median_ms"] / min(peers.values()) if peers and "ours" in rows else None
    return {"network": name, "batch": batch, "engines": rows, "ratio": ratio}


def table(results):
    lines = ["| network | batch | engine | median ms | p99 ms | inputs/s | rel. L2 | cold L2 ms |", "|---|---|---|---|---|---|---|---|"]
    for c in results["cases"]:
        for label, r in c["engines"].items():
            cold = f"{r['cold_l2_ms']:.4f}" if r["cold_l2_ms"] else ""
            shown = f"**{label}**, {c['ratio']:.2f} of the fastest" if label == "ours" and c["ratio"] else label
            lines.append(f"| {c['network']} | {c['batch']} | {shown} | {r['median_ms']:.4f} | {r['p99_ms']:.4f} | "
                         f"{r['inputs_per_second']:.0f} | {r['relative_l2']:.1e} | {cold} |")
    return "\n".join(lines)


# ---- the flow ----

def compare_on_cpu(cases, root, a):
    modules, futures = prepare(cases, root, a)
    built, fine = wait_for(futures), True
    for case in cases:
        module, x = modules[case[0]], make_input(*case, "cpu")
        with torch.inference_mode():
            reference = module(x).contiguous()
            folded = relative_l2(fold(module)(x), reference)
        y = torch.full_like(reference, float("nan"))
        if case in built:
            run_on_cpu(f"{folder_of(root, case, a)}/net", x, y)
        error = relative_l2(y, reference)
        print(f"{case[0]}, batch {case[1]}: folded {folded:.1e}, ours {error:.1e}", flush=True)
        fine = fine and folded < 2e-5 and error < 2e-5
    return fine


def profile(cases, root, a):
    _, futures = prepare(cases, root, a)
    built = wait_for(futures)
    for case in cases:
        print(f"\n{case[0]}, batch {case[1]}, {a.precision}\n", flush=True)
        if case in built:
            libraries = {"LD_LIBRARY_PATH": f"{a.prebuilt}/lib"} if a.prebuilt else {}
            subprocess.run([f"{folder_of(root, case, a)}/net/net", "--device", "cuda", "--bench", "500", "--profile"], check=True,
                           env={**os.environ, **libraries})
    return built == set(cases)


def compare(cases, root, a):
    start = time.monotonic()
    torch.backends.cudnn.benchmark, torch.backends.cudnn.benchmark_limit = True, 0
    set_precision(a.precision)
    results = {**describe_gpu(), "machine": machine(), "precision": a.precision, **ceilings(a.precision), "cases": []}
    print("\n".join(f"{k}: {v}" for k, v in results.items() if k != "cases"), flush=True)
    modules, futures = prepare(cases, root, a) if "ours" in a.engines else (None, {})
    built = wait_for(futures)
    for case in cases:
        if time.monotonic() - start > a.budget:
            print(f"{case[0]}, batch {case[1]}: no time left", flush=True)
            continue
        print(f"{case[0]}, batch {case[1]}", flush=True)
        module = modules[case[0]] if modules else build_module(case[0], "cuda")
        results["cases"].append(run_case(case, module, folder_of(root, case, a) if case in built else None, a))
        print("\n".join(table({"cases": results["cases"][-1:]}).splitlines()[2:]), flush=True)
        if a.json:
            with open(a.json, "w") as f:
                json.dump(results, f, indent=1)
        gc.collect()
        torch.cuda.empty_cache()
    print("\n" + table(results))
    return built >= set(futures)


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rescast", help="the generator's command")
    p.add_argument("--networks", help="NAME[:BATCH+BATCH...],... of bench/networks.py; default: all, each with its batches")
    p.add_argument("--precision", default="fp16", choices=TYPES)
    p.add_argument("--engines", default="ours,eager", help="of ours, eager and compile")
    p.add_argument("--generate", default="", help="more arguments of rescast generate")
    p.add_argument("--sms", help="the architectures to compile for; default: the GPU's own")
    p.add_argument("--replays", type=int, default=500)
    p.add_argument("--seconds", type=float, default=2.0, help="for an engine's replays of one case, at most")
    p.add_argument("--budget", type=float, default=1e9, help="seconds after which no case is begun")
    p.add_argument("--compile-limit", type=int, default=240, help="seconds for one torch.compile")
    p.add_argument("--warm", action="store_true", help="no runs with an overwritten cache")
    p.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    p.add_argument("--export", metavar="DIR")
    p.add_argument("--prebuilt", metavar="DIR")
    p.add_argument("--layers", metavar="NETWORK[:BATCH]")
    p.add_argument("--work", metavar="DIR", help="keep the generated folders here")
    p.add_argument("--json", metavar="FILE")
    a = p.parse_args()
    unknown = set(a.engines.split(",")) - set(ENGINES)
    if unknown:
        p.error(f"--engines: there is no {', '.join(sorted(unknown))}")
    if a.prebuilt and not a.rescast:
        a.rescast = carried_rescast(a.prebuilt)
    if not a.rescast and ("ours" in a.engines.split(",") or a.layers or a.export or a.device == "cpu"):
        p.error("--rescast is needed: the generator's command, which also packs the weights")
    if sum(map(bool, (a.export, a.prebuilt))) > 1 or (a.export and a.layers):
        p.error("--export goes with neither --prebuilt nor --layers")
    return p, a


def main():
    p, a = arguments()
    cases = parse_cases(a.layers or a.networks)
    if a.device == "cuda" and not a.export and not torch.cuda.is_available():
        p.error("PyTorch finds no GPU; --device cpu compares outputs without one, --export makes folders for another machine")
    if not a.sms:
        major, minor = torch.cuda.get_device_capability() if torch.cuda.is_available() else (9, 0)
        a.sms = f"{major}{minor}{'a' if major >= 9 else ''}"
    if a.export:
        return export(cases, a)
    with tempfile.TemporaryDirectory() as temporary:
        root = a.work or temporary
        return (profile if a.layers else compare_on_cpu if a.device == "cpu" else compare)(cases, root, a)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
