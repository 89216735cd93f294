#!/usr/bin/env python3
"""How long a generated program takes from its start to its first result on a GPU, and what memory it takes there.

  gpu_start.py FOLDER [--rescast CMD] [--runs 10] [--time-limit 0.5] [--memory-limit 64]

FOLDER: a generated network of the target cuda, made. Without weights it gets some by CMD pack (tests/seeded_weights.py).
Times are of whole processes, NAME --device cuda INPUT.npy: medians, with code made ahead of time, compiled before by NVRTC, and
compiled at this start; beside them a process that only makes a CUDA context. Memory is what the GPU has free before and
after the library's load, init and first run, in a process that has a context. The exit status is 1 where the first time is above
the limit in seconds, or memory above weights and arena by more than the limit in MiB. Needs no other Python packages.
"""
import argparse, ctypes, json, math, os, shutil, statistics, struct, subprocess, sys, tempfile, time

MIB = 1 << 20


def find(folder):
    """The network's name and manifest."""
    for f in sorted(os.listdir(folder)):
        if f.endswith(".json"):
            manifest = json.load(open(os.path.join(folder, f)))
            if "cuda" in manifest:
                return manifest["name"], manifest
    sys.exit(f"{folder}: no manifest of a network for CUDA")


def give_weights(folder, name, rescast):
    if os.path.exists(f"{folder}/{name}.weights"):
        return
    if not rescast:
        sys.exit(f"{folder}: no weights; --rescast packs some")
    make = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/seeded_weights.py")
    with tempfile.TemporaryDirectory() as t:
        subprocess.run([sys.executable, make, f"{folder}/{name}.json", f"{t}/w.safetensors"], check=True)
        subprocess.run([*rescast.split(), "pack", folder, "-w", f"{t}/w.safetensors"], check=True, stdout=subprocess.DEVNULL)


def write_input(path, shape):
    count = math.prod(shape)
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {tuple(shape)}, }}".encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    with open(path, "wb") as f:
        f.write(b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + struct.pack(f"<{count}f", *(i % 17 / 17 for i in range(count))))


# ---- memory: in a process of its own ----

class Driver:
    def __init__(self):
        self.cuda = ctypes.CDLL("libcuda.so.1")
        context = ctypes.c_void_p()
        self.must("cuInit", 0)
        self.must("cuDevicePrimaryCtxRetain", ctypes.byref(context), 0)
        self.must("cuCtxPushCurrent_v2", context)

    def must(self, name, *arguments):
        error = getattr(self.cuda, name)(*arguments)
        if error:
            sys.exit(f"{name}: error {error}")

    def free(self):
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        self.must("cuMemGetInfo_v2", ctypes.byref(free), ctypes.byref(total))
        return free.value

    def alloc(self, size):
        p = ctypes.c_uint64()
        self.must("cuMemAlloc_v2", ctypes.byref(p), ctypes.c_size_t(size))
        return ctypes.c_void_p(p.value)


def memory(folder):
    """Prints what load, init and a run took, in bytes. Input and output are the caller's and not counted."""
    name, manifest = find(folder)
    driver = Driver()
    x, y = (driver.alloc(4 * math.prod(manifest[k])) for k in ("input_shape", "output_shape"))
    library = ctypes.CDLL(os.path.abspath(f"{folder}/lib{name}.so"))
    weights, model, net = (ctypes.create_string_buffer(1 << 16) for _ in range(3))  # of unknown size
    library.rescast_cuda_message.restype = ctypes.c_char_p
    steps = (f"{name}_cuda_weights_map", weights, f"{folder}/{name}.weights".encode()), (f"{name}_cuda_load", model, weights, 0), \
            (f"{name}_cuda_init", net, model, None), (f"{name}_run_cuda", net, x, y, None)
    before = driver.free()
    for function, *arguments in steps:
        if getattr(library, function)(*arguments):
            sys.exit(f"{function}: {library.rescast_cuda_message().decode()}")
    driver.must("cuCtxSynchronize")
    print(before - driver.free())


# ---- times ----

def seconds(command, **environment):
    start = time.perf_counter()
    done = subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True)
    took = time.perf_counter() - start
    if done.returncode:
        words = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        sys.exit(f"{command[0]}: {words[-1]}")
    return took


def times(program, x, runs):
    """What was timed, and its median."""
    run = [program, "--device", "cuda", x]
    with tempfile.TemporaryDirectory() as cache:
        compiled = {"RESCAST_NO_BINARY": "1", "RESCAST_CACHE": cache}
        seconds(run)  # files into the page cache
        yield "code made ahead of time", statistics.median(seconds(run) for _ in range(runs))
        yield "the same, weights unchecked", statistics.median(seconds([*run, "--no-check"]) for _ in range(runs))
        cold = []
        for _ in range(3):
            shutil.rmtree(cache)
            # the driver has a cache of its own, of code that it compiled from PTX: not used, since NVRTC makes machine code
            cold.append(seconds(run, **compiled))
        yield "NVRTC, its result in the cache", statistics.median(seconds(run, **compiled) for _ in range(runs))
        yield "NVRTC, the cache empty", statistics.median(cold)
        os.makedirs(cache, exist_ok=True)  # for whoever removes it


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--rescast")
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--time-limit", type=float, default=.5)
    parser.add_argument("--memory-limit", type=float, default=64)
    parser.add_argument("--memory", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--context", action="store_true", help=argparse.SUPPRESS)
    a = parser.parse_args()
    if a.context:
        return Driver() and 0
    if a.memory:
        return memory(a.folder)
    name, manifest = find(a.folder)
    give_weights(a.folder, name, a.rescast)
    this = [sys.executable, os.path.abspath(__file__), a.folder]
    with tempfile.TemporaryDirectory() as t:
        write_input(f"{t}/x.npy", manifest["input_shape"])
        timed = list(times(os.path.abspath(f"{a.folder}/{name}"), f"{t}/x.npy", a.runs))
    python = statistics.median(seconds([sys.executable, "-c", "import argparse, ctypes, json, subprocess, tempfile"]) for _ in range(a.runs))
    context = statistics.median(seconds([*this, "--context"]) for _ in range(a.runs)) - python
    for what, s in (*timed, ("a CUDA context, nothing else", context)):
        print(f"{what:32} {s:8.3f} s")
    done = subprocess.run([*this, "--memory"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr.strip())
    took, needed = int(done.stdout), sum(manifest["cuda"][k] for k in ("weights_bytes", "arena_bytes"))
    print(f"{'memory on the GPU':32} {took / MIB:8.1f} MiB: weights and arena {needed / MIB:.1f}, more {(took - needed) / MIB:.1f}")
    late, large = timed[0][1] > a.time_limit, took - needed > a.memory_limit * MIB
    print(f"limits: {a.time_limit} s {'EXCEEDED' if late else 'met'}, {a.memory_limit:g} MiB {'EXCEEDED' if large else 'met'}")
    return late or large


sys.exit(main())
