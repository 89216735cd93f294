#!/usr/bin/env python3
"""Generated networks beside OpenVINO, ONNX Runtime, ncnn and PyTorch: same weights, same input, batch 1, alternating.

  cpu_peers.py --rescast CMD [--networks resnet18,...] [--threads 1,4,8,16] [--precisions fp32:avx512,bf16:amx] [--seconds 2]
               [--engines openvino,...] [--cpus quiet|0,1,...] [--minutes M] [--json FILE] [--table FILE] [--keep FOLDER]

--networks: of bench/networks.py; all of NETWORKS (the default), or exports, those that are generated from their export to ONNX.
--precisions: what is compared, in order, and by which targets of rescast (several: avx512+avx2); engines that lack a
precision are left out of its lines. A cell is a network in a precision on so many threads. For each cell every engine, ours
too (bench/cpu_engine.c), gets a process of its own, since some keep the CPUs that they see first, on the same CPUs: --cpus
gives them; quiet (the default) asks bench/quiet_cpus.c for those that other programs and other guests of the machine disturb
least just then.

A CPU may be twice as slow in the next second. So a cell has many short rounds, for --seconds in all: in each round every engine
runs for --slice seconds, after 2 ms that are not counted, and when all threads of the one before sleep. The order
alternates (A B, B A). A line gives each engine's median and minimum of all runs and its output's distance from PyTorch's
in fp32, then ours beside the fastest peer: the median of the rounds' ratios, with their quartiles, whose two sides ran
within a tenth of a second of each other and have seen the same neighbours; the ratio of the medians; and that of the minima.
--minutes ends the measurement where it is. --table writes the table of bench/results, --keep leaves the networks in a folder,
and finds them there the next time.
Needs torch, torchvision and, of the peers, those of onnxruntime, openvino, ncnn and pnnx that are to be measured; an engine that is
missing, or that can't run a network, is left out and named.
"""
import argparse, contextlib, copy, glob, inspect, json, multiprocessing, os, platform, struct, subprocess, sys, tempfile, time
import numpy as np


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
    """What rescast reads: weights and options, where it does not read the export."""
    from networks import network
    _, shape, options = network(name)
    if not options:
        return
    weights = {k: v.cpu().numpy() for k, v in module.state_dict().items() if not k.endswith("num_batches_tracked")}
    if "resnet3d" in options:
        weights["input.mean"] = np.zeros(shape[0], np.float32)
    save_safetensors(f"{folder}/weights.safetensors", weights)
    with open(f"{folder}/options.yaml", "w") as f:
        f.write(f"name: net\n{options}")


def module_of(name, torch_seed=1):
    """The network with random weights, frozen statistics included, and an input."""
    import torch
    from networks import network
    build, shape, _ = network(name)
    torch.manual_seed(torch_seed)
    module = build().eval()
    for m in module.modules():
        if isinstance(m, torch.nn.modules.batchnorm._BatchNorm):
            m.running_mean.normal_(0, 0.1)
            m.running_var.uniform_(0.5, 1.5)
    for p in module.parameters():
        if p.numel() > 1 and (p == p.flatten()[0]).all():  # untrained biases and scales, which exporters may leave out
            p.data += torch.randn_like(p) * 0.05
    return module, torch.randn(1, *shape)


def make(name, folder, torch_seed=1):
    """The module, its input and output, and files for everybody."""
    import torch
    module, x = module_of(name, torch_seed)
    write_inputs(name, module, folder)
    np.save(f"{folder}/x.npy", x.numpy())
    old = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(module, x, f"{folder}/net.onnx", input_names=["x"], output_names=["y"], **old)
    with torch.no_grad():
        y = module(x).numpy()
    np.save(f"{folder}/reference.npy", y)
    return module, x, y


# ---- engines: each makes {label: call} from the folder; a call runs once and returns the output ----

def onnx_runtime(folder, name, threads, precision):
    import onnxruntime
    if precision != "fp32":
        raise RuntimeError(f"no {precision} on x86")
    o = onnxruntime.SessionOptions()
    o.intra_op_num_threads, o.inter_op_num_threads = threads, 1
    s = onnxruntime.InferenceSession(f"{folder}/net.onnx", o, providers=["CPUExecutionProvider"])
    x = np.load(f"{folder}/x.npy")
    return {f"ONNX Runtime {onnxruntime.__version__}": lambda: s.run(None, {"x": x})[0]}


def openvino(folder, name, threads, precision):
    import openvino
    core, x = openvino.Core(), np.load(f"{folder}/x.npy")
    model = core.read_model(f"{folder}/net.onnx")
    model.reshape(list(x.shape))
    c = core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY",
                                          "INFERENCE_PRECISION_HINT": {"fp32": "f32"}.get(precision, precision)})
    r = c.create_infer_request()
    return {f"OpenVINO {openvino.__version__.split('-')[0]}": lambda: r.infer({0: x}, share_inputs=True)[0]}


def pytorch(folder, name, threads, precision):
    import torch
    torch.set_num_threads(threads)
    module, x = module_of(name)
    last = torch.channels_last if x.dim() == 4 else torch.channels_last_3d
    calls = {}
    for label, m, v in (("channels first", module, x), ("channels last", None, x.to(memory_format=last))):
        if m is None:
            m = copy.deepcopy(module).to(memory_format=last)
        if precision != "fp32":
            m, v = copy.deepcopy(m).to(getattr(torch, {"bf16": "bfloat16"}[precision])), v.bfloat16()
        with torch.no_grad():
            frozen = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(m, v)))

        def call(frozen=frozen, v=v):
            with torch.no_grad():
                return frozen(v).float().numpy()
        calls[f"PyTorch {torch.__version__.split('+')[0]} {label}"] = call
    return calls


def ncnn(folder, name, threads, precision):
    import ncnn as n
    x = np.load(f"{folder}/x.npy")
    if x.ndim != 4:
        raise RuntimeError("no 3-D kernels on x86")
    if precision != "fp32":
        raise RuntimeError(f"no {precision} products on x86")
    net = n.Net()
    net.opt.num_threads, net.opt.use_vulkan_compute = threads, False
    net.opt.use_fp16_packed = net.opt.use_fp16_storage = net.opt.use_fp16_arithmetic = net.opt.use_bf16_storage = False
    net.load_param(f"{folder}/net.ncnn.param")
    net.load_model(f"{folder}/net.ncnn.bin")
    m = n.Mat(x[0]).clone()

    def call():
        e = net.create_extractor()
        e.input("in0", m)
        return np.array(e.extract("out0")[1])[None]
    call.keep = net
    return {f"ncnn {n.__version__}": call}


def convert_for_ncnn(name, folder):
    import torch
    module, x = module_of(name)
    torch.jit.trace(module, x).save(f"{folder}/net.pt")
    subprocess.run([os.path.join(os.path.dirname(sys.executable), "pnnx"), "net.pt", f"inputshape={list(x.shape)}".replace(" ", ""),
                    "fp16=0"], cwd=folder, check=True, capture_output=True)


WARM_UP, LONG_RUN = 0.002, 0.02


def timed_round(call, seconds, last_ms):
    """Milliseconds of each run within SECONDS, one at least, after WARM_UP seconds of runs that are not counted; none where a run
    takes so long that threads asleep and cold caches do not matter. LAST_MS: what the last run took, or 0."""
    start = time.perf_counter()
    while last_ms < 1e3 * LONG_RUN:
        call()
        if time.perf_counter() - start >= WARM_UP:
            break
    times, start = [], time.perf_counter()
    while not times or time.perf_counter() - start < seconds:
        t = time.perf_counter()
        call()
        times.append(1e3 * (time.perf_counter() - t))
    return times


def serve(engine, folder, name, threads, precision):
    """The process of an engine: says what it has and how far its outputs are from the reference, then times rounds when asked."""
    out = sys.stdout
    sys.stdout = sys.stderr  # engines print
    try:
        calls = globals()[engine](folder, name, threads, precision)
        y = np.load(f"{folder}/reference.npy").ravel()
        ready = {label: float(np.linalg.norm(call().ravel() - y) / np.linalg.norm(y)) for label, call in calls.items()}
    except Exception as error:
        ready = {"error": str(error).splitlines()[0][:120] if str(error) else type(error).__name__}
    print(json.dumps(ready), file=out, flush=True)
    last_ms = dict.fromkeys(ready, 0)
    for line in sys.stdin if "error" not in ready else ():
        seconds, label = line.strip().split(" ", 1)
        times = timed_round(calls[label], float(seconds), last_ms[label])
        last_ms[label] = times[-1]
        print(json.dumps(times), file=out, flush=True)


class Engine:
    """An engine in its process."""

    def __init__(self, name, command, cpus):
        self.name, self.errors = name, {}
        self.process = subprocess.Popen(on_cpus(command, cpus), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True)

    def ready(self):
        """Wait until it is; then errors has its labels. What is wrong, or None."""
        line = self.process.stdout.readline()
        said = json.loads(line) if line else {"error": "its process ended"}
        self.errors = {} if "error" in said else said
        return said.get("error")

    def round(self, label, seconds):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(f"{seconds} {label}\n")
            self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process of {self.name} ended")
        return json.loads(line)

    def is_running(self):
        """Does one of its threads run, or want to?"""
        for stat in glob.glob(f"/proc/{self.process.pid}/task/*/stat"):
            with contextlib.suppress(OSError), open(stat) as f:
                if f.read().rpartition(")")[2].split()[0] == "R":
                    return True
        return False

    def settle(self, longest):
        """Wait until its threads, which spin for a while when they have nothing to do, have slept for a millisecond."""
        end, quiet = time.perf_counter() + longest, 0
        while quiet < 2 and time.perf_counter() < end:
            quiet = 0 if self.is_running() else quiet + 1
            time.sleep(0.001)

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait()


def start_engines(a, name, folder, precision, threads, cpus):
    """Ours first."""
    net = f"{folder}/net_{precision}"
    command = [f"{net}/engine", f"{net}/net.weights", f"{folder}/x.npy", f"{folder}/reference.npy", str(threads), "rescast"]
    engines = [Engine("rescast", command + ([a.target] if a.target else []), cpus)]
    for e in a.engines:
        engines.append(Engine(e, [sys.executable, os.path.abspath(__file__), "--serve", e, folder, name, str(threads), precision], cpus))
    for engine in engines:
        wrong = engine.ready()
        if wrong:
            print(f"  {engine.name} {precision} is left out: {wrong}", flush=True)
    return engines


# ---- the machine ----

def on_cpus(command, cpus):
    return ["taskset", "-c", ",".join(map(str, cpus))] + command if cpus else command


def machine():
    info = open("/proc/cpuinfo").read()
    model = [l.split(":")[1].strip() for l in info.splitlines() if l.startswith("model name")]
    return f"{model[0]}, {len(model)} processors" if model else platform.machine()


class Cpus:
    """Which CPUs N threads are measured on."""

    def __init__(self, given, folder):
        self.given, self.program = given, None
        if given == "quiet":
            self.program = f"{folder}/quiet_cpus"
            source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "quiet_cpus.c")
            subprocess.run(["cc", "-O2", "-march=native", "-o", self.program, source], check=True)
        else:
            self.order = [int(c) for c in given.split(",")] if given else []

    def look(self):
        if self.program:
            numbers, times = subprocess.run([self.program], check=True, capture_output=True, text=True).stdout.splitlines()
            self.order = [int(n) for n in numbers.split(",")]
            print(f"  CPUs, the quietest first: {numbers}; ns a step: {times}", flush=True)

    def best(self, n):
        return sorted(self.order[:n])


# ---- a network: files for everybody, then cells of the table ----

def cast(rescast, folder, generate, arch="", weights=True, net="net", jobs=2, goal="all"):
    """Seconds to generate folder/NET from the options (with random weights where there are none), or from the export where
    there are no options, and to make GOAL of it."""
    t0 = time.perf_counter()
    source = [f"{folder}/options.yaml"] + (["-w", f"{folder}/weights.safetensors"] if weights else [])
    if not os.path.exists(source[0]):
        source = [f"{folder}/net.onnx"]
    subprocess.run(rescast.split() + ["generate", *source, "-o", f"{folder}/{net}"] + generate.split(), check=True)
    t1 = time.perf_counter()
    subprocess.run(["make", "-s", f"-j{jobs}", "-C", f"{folder}/{net}", goal] + ([f"ARCH={arch}"] if arch else []), check=True)
    return t1 - t0, time.perf_counter() - t1


def prepare(a, name, folder):
    import torch
    torch.set_num_threads(a.jobs)
    if not os.path.exists(f"{folder}/reference.npy"):
        make(name, folder)
    if "ncnn" in a.engines:
        try:
            convert_for_ncnn(name, folder)
        except Exception as error:
            print(f"{name}: ncnn is left out: {error}", flush=True)
    for precision, targets in a.precisions:
        net = f"net_{precision}"
        if os.path.exists(f"{folder}/{net}/engine"):
            continue
        try:
            t = cast(a.rescast, folder, f"-t {targets.replace('+', ',')} --precision {precision} {a.generate}", a.arch, net=net, jobs=a.jobs,
                     goal="libnet.a")
            make_engine(f"{folder}/{net}")
            print(f"{name} {precision}: generated in {t[0]:.1f} s, compiled in {t[1]:.1f} s", flush=True)
        except subprocess.CalledProcessError as error:
            print(f"{name} {precision} is left out: {error}", flush=True)


def make_engine(net):
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), "cpu_engine.c")
    subprocess.run(["cc", "-O2", f"-I{net}", "-o", f"{net}/engine", source, f"{net}/libnet.a", "-pthread", "-lm"], check=True)


def evaluate_rounds(ours, theirs):
    """The rounds' ratios of medians."""
    ratios = [np.median(a) / np.median(b) for a, b in zip(ours, theirs)]
    return dict(zip(("lower_quartile", "median", "upper_quartile"), map(float, np.percentile(ratios, (25, 50, 75)))))


def measure(a, engines):
    """The rounds of one cell: for each label, the runs of each round. The order alternates: A B, B A, A B, ..."""
    order = [(engine, label) for engine in engines for label in engine.errors]
    rounds, end = {label: [] for _, label in order}, time.perf_counter() + a.seconds
    count = 0
    while count < a.rounds or count % 2 or time.perf_counter() < end:
        for engine, label in order[::-1] if count % 2 else order:
            rounds[label].append(engine.round(label, a.slice))
            engine.settle(a.pause)
        count += 1
    return rounds


def evaluate(rounds, errors):
    """A cell of the results from its rounds and the outputs' distances."""
    rows = {}
    for label, runs in rounds.items():
        times = [ms for r in runs for ms in r]
        rows[label] = {"median_ms": float(np.median(times)), "min_ms": min(times), "runs": len(times), "relative_l2": errors[label]}
    peers = {label: row for label, row in rows.items() if label != "rescast"}
    cell = {"engines": rows, "rounds": max(map(len, rounds.values()), default=0)}
    if peers and "rescast" in rows:
        best = min(peers, key=lambda label: peers[label]["median_ms"])
        in_rounds = evaluate_rounds(rounds["rescast"], rounds[best])
        cell |= {"fastest": best, "ratio_in_rounds": in_rounds, "ratio": rows["rescast"]["median_ms"] / rows[best]["median_ms"],
                 "ratio_of_minima": rows["rescast"]["min_ms"] / min(row["min_ms"] for row in peers.values())}
    return cell


def ratios(cell):
    """The three ratios of a cell as text, the first with its quartiles."""
    if "ratio" not in cell:
        return ["-"] * 3
    r = cell["ratio_in_rounds"]
    return [f"{r['median']:.2f} ({r['lower_quartile']:.2f}-{r['upper_quartile']:.2f})", f"{cell['ratio']:.2f}", f"{cell['ratio_of_minima']:.2f}"]


def show(a, name, precision, threads, cell):
    text = f"{name:18} {precision} {threads:3} thread{'s' if threads > 1 else ' '}"
    for label, r in cell["engines"].items():
        text += f"  {label} {r['median_ms']:.2f} ({r['min_ms']:.2f}) ms, output {r['relative_l2']:.0e};"
    in_rounds, medians, minima = ratios(cell)
    print(f"{text}  ratio in {cell['rounds']} rounds {in_rounds}, of medians {medians}, of minima {minima}"
          f"  [{time.perf_counter() - a.start:.0f} s]", flush=True)


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rescast", required=True)
    p.add_argument("--networks", default="all")
    p.add_argument("--threads", default="1,2")
    p.add_argument("--precisions", default="fp32:avx512+avx2")
    p.add_argument("--seconds", type=float, default=2)
    p.add_argument("--rounds", type=int, default=4, help="of a cell, at least")
    p.add_argument("--slice", type=float, default=0.03, help="seconds of an engine in a round")
    p.add_argument("--pause", type=float, default=0.25, help="seconds at most for an engine's threads to fall asleep")
    p.add_argument("--minutes", type=float, default=1e9)
    p.add_argument("--engines", default="openvino,onnx_runtime,ncnn,pytorch")
    p.add_argument("--generate", default="", help="more arguments of rescast generate")
    p.add_argument("--arch", default="", help="ARCH of the generated Makefile")
    p.add_argument("--target", default="", help="--target of the generated program")
    p.add_argument("--cpus", default="quiet")
    p.add_argument("--jobs", type=int, default=2, help="of make")
    p.add_argument("--together", type=int, default=1, help="networks that are prepared at a time")
    p.add_argument("--json")
    p.add_argument("--table")
    p.add_argument("--keep")
    a = p.parse_args()
    a.threads = [int(t) for t in a.threads.split(",")]
    a.precisions = [p.split(":") for p in a.precisions.split(",")]
    a.start = time.perf_counter()
    a.engines = list(filter(None, a.engines.split(",")))
    return a


CAPTION = """Milliseconds: the median (minimum) of all runs. Ratios are rescast's time over that of the fastest peer, by median. "In rounds": in
each round both run in turn for a few tens of milliseconds, in alternating order, and their medians give a ratio; its median over the
rounds, with the quartiles. "Of medians" and "of minima": of those in the columns before.

"""


def table(results):
    """The cells in Markdown."""
    cells = [(n, p, t, c) for n, ps in results["networks"].items() for p, ts in ps.items() for t, c in ts.items()]
    engines = ["rescast"] + sorted({label for *_, c in cells for label in c["engines"]} - {"rescast"})
    heads = ["network", "precision", "threads", *engines, "ratio in rounds (quartiles)", "of medians", "of minima"]
    lines = ["| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for n, p, t, c in sorted(cells, key=lambda c: (list(results["networks"]).index(c[0]), c[1] != "fp32", c[2])):
        row = [f"{c['engines'][e]['median_ms']:.2f} ({c['engines'][e]['min_ms']:.2f})" if e in c["engines"] else "-" for e in engines]
        lines.append("| " + " | ".join([n, p, str(t), *row, *ratios(c)]) + " |")
    return CAPTION + "\n".join(lines) + "\n"


def save(a, results):
    if a.json:
        with open(a.json, "w") as f:
            json.dump(results, f, indent=1)
    if a.table:
        with open(a.table, "w") as f:
            f.write(table(results))


def main():
    a = arguments()
    from networks import EXPORTS, NETWORKS
    names = list({"all": NETWORKS, "exports": EXPORTS}.get(a.networks) or a.networks.split(","))
    results = {"machine": machine(), "date": time.strftime("%Y-%m-%d"), "generate": a.generate, "precisions": a.precisions, "networks": {}}
    print(results["machine"], flush=True)
    with contextlib.nullcontext(a.keep) if a.keep else tempfile.TemporaryDirectory() as folder:
        os.makedirs(folder, exist_ok=True)
        cpus = Cpus(a.cpus, folder)
        for name in names:
            os.makedirs(f"{folder}/{name}", exist_ok=True)
        with multiprocessing.Pool(a.together) as pool:
            pool.starmap(prepare, [(a, name, f"{folder}/{name}") for name in names], chunksize=1)
        print(f"prepared in {time.perf_counter() - a.start:.0f} s", flush=True)
        for precision, _ in a.precisions:
            for name in names:
                if not os.path.exists(f"{folder}/{name}/net_{precision}/engine"):
                    continue
                for threads in a.threads:
                    if time.perf_counter() - a.start > 60 * a.minutes:
                        print("no time is left", flush=True)
                        return
                    cpus.look()
                    engines = start_engines(a, name, f"{folder}/{name}", precision, threads, cpus.best(threads))
                    try:
                        cell = evaluate(measure(a, engines), {k: v for e in engines for k, v in e.errors.items()})
                        cell["cpus"] = cpus.best(threads)
                        show(a, name, precision, threads, cell)
                        results["networks"].setdefault(name, {}).setdefault(precision, {})[threads] = cell
                        save(a, results)
                    except RuntimeError as error:
                        print(f"{name} {precision} on {threads} threads is left out: {error}", flush=True)
                    for engine in engines:
                        engine.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]), sys.argv[6])
    else:
        main()
