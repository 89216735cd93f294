#!/usr/bin/env python3
"""Two builds of rescast beside each other: what their networks compute, bit by bit, and how long it takes.

    bench/two_builds.py bits  --old CMD --new CMD [--targets c,avx2,avx512,cuda:fp32,cuda:fp16,cuda:bf16] [--cases DIR]... [PATTERN...]
    bench/two_builds.py speed --old CMD --new CMD [--targets avx2] [--cpu 0] [--rounds 12] [--wisdom FILE] [PATTERN...]

CMD runs a rescast with its own templates: env RESCAST_DATADIR=DIR DIR/rescast. The networks are those of examples/networks with
random weights and, for bits, those of --cases: folders with options.yaml, weights.safetensors and input.npy, as published cases are.
PATTERN chooses among their names. Each network is generated for one target at a time.

bits says which final outputs are not the same bytes, how far they are apart, and whether the two builds chose other algorithms; it ends
with the number of equal ones. speed runs the two programs on one CPU in turn (A B B A, B A A B), 0.1 s each, and prints the median of the rounds'
ratios, new over old, with the least and the greatest, and the ratio of the minima. --wisdom is for the new one. Needs NumPy, and for cuda a GPU.
"""
import argparse, collections, concurrent.futures, fnmatch, glob, json, os, shutil, statistics, subprocess, sys, tempfile, threading
import numpy as np

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
GPU = threading.Semaphore(4)


def networks(a):
    """(name, options, weights, input); without weights and an input they are random."""
    found = [(os.path.basename(f)[:-5], f, None, None) for f in sorted(glob.glob(f"{HERE}/examples/networks/*.yaml"))]
    for folder in a.cases:
        for d in sorted(glob.glob(f"{folder}/*/")):
            name = f"{os.path.basename(folder.rstrip('/'))}/{os.path.basename(d[:-1])}"
            found.append((name, d + "options.yaml", d + "weights.safetensors", d + "input.npy"))
    return [n for n in found if any(fnmatch.fnmatch(n[0], p) for p in a.pattern or ["*"])]


def command(words, **keys):
    done = subprocess.run(words, capture_output=True, text=True, **keys)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)[:80]}: {(done.stderr or done.stdout).strip()[-200:]}")
    return done.stdout


def build(rescast, network, target, folder, flags, extra=()):
    """Generated and compiled: the program and the manifest."""
    _, options, weights, _ = network
    name, _, precision = target.partition(":")
    words = rescast.split() + ["generate", options, "-o", folder, "-t", name, "--set", "name=net", *extra]
    command(words + (["-w", weights] if weights else []) + (["--precision", precision] if precision else []))
    command(["make", "-s", "-C", folder, "net", *flags])
    with open(f"{folder}/net.json") as f:
        return f"{folder}/net", json.load(f)


def output(rescast, network, target, work):
    """The final output, and the algorithms chosen."""
    program, manifest = build(rescast, network, target, f"{work}/net", ["CFLAGS=-O1"])
    x = network[3]
    if not x:
        x = f"{work}/x.npy"
        np.save(x, np.random.default_rng(7).standard_normal(manifest["input_shape"], dtype=np.float32))
    cuda = target.startswith("cuda")
    words = [program, "--output", f"{work}/y.npy", x] + (["--device", "cuda"] if cuda else ["--target", target, "--threads", "1"])
    if cuda:
        with GPU:
            command(words)
    else:
        command(words)
    return np.load(f"{work}/y.npy"), [n.get("choice") for n in manifest["nodes"]]


def compared(job, a):
    network, target = job
    results = []
    for rescast in (a.old, a.new):
        work = tempfile.mkdtemp(prefix="two_builds.")
        try:
            results.append(output(rescast, network, target, work))
        finally:
            shutil.rmtree(work)
    (x, before), (y, after) = results
    if x.tobytes() == y.tobytes():
        return True, None
    x, y = x.astype(float), y.astype(float)
    chosen = "other algorithms" if before != after else "the same algorithms"
    return False, f"relative L2 {np.linalg.norm(x - y) / (np.linalg.norm(x) or 1):.1e}, at most {np.abs(x - y).max():.1e}; {chosen}"


def bits(a):
    jobs = [(n, t) for n in networks(a) for t in a.targets.split(",")]
    same, count = collections.Counter(), collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
        futures = {pool.submit(compared, job, a): job for job in jobs}
        for future in concurrent.futures.as_completed(futures):
            (name, *_), target = futures[future]
            count[target] += 1
            try:
                equal, how = future.result()
            except RuntimeError as error:
                equal, how = False, str(error)
            same[target] += equal
            if not equal:
                print(f"{name}, {target}: {how}", flush=True)
    print("the same bytes: " + ", ".join(f"{t} {same[t]} of {count[t]}" for t in a.targets.split(",")))


def seconds(program, target, cpu, runs):
    words = ["taskset", "-c", cpu, program, "--bench", str(runs), "--threads", "1", "--json", "--no-check", "--target", target]
    return json.loads(command(words))["bench"]["median_ms"] / 1e3


def speed(a):
    for network in networks(a):
        for target in a.targets.split(","):
            work = tempfile.mkdtemp(prefix="two_builds.")
            try:
                programs = {"old": build(a.old, network, target, f"{work}/old", [])[0],
                            "new": build(a.new, network, target, f"{work}/new", [], ["--wisdom", a.wisdom] if a.wisdom else [])[0]}
                runs = max(5, int(0.1 / seconds(programs["new"], target, a.cpu, 3)))
                times, ratios = {"old": [], "new": []}, []
                for i in range(a.rounds):
                    sums = {"old": 0.0, "new": 0.0}
                    for k in ("old", "new", "new", "old") if i % 2 else ("new", "old", "old", "new"):
                        t = seconds(programs[k], target, a.cpu, runs)
                        times[k].append(t)
                        sums[k] += t
                    ratios.append(sums["new"] / sums["old"])
                old, new = (statistics.median(times[k]) * 1e3 for k in ("old", "new"))
                print(f"{network[0]}, {target}: {old:.3f} ms before, {new:.3f} ms now; in rounds {statistics.median(ratios):.3f} "
                      f"({min(ratios):.3f} to {max(ratios):.3f}), minima {min(times['new']) / min(times['old']):.3f}", flush=True)
            finally:
                shutil.rmtree(work)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("bits", "speed"))
    parser.add_argument("--old", required=True)
    parser.add_argument("--new", required=True)
    parser.add_argument("--targets", default="avx2")
    parser.add_argument("--cases", action="append", default=[])
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--cpu", default="0")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--wisdom")
    parser.add_argument("pattern", nargs="*")
    a = parser.parse_intermixed_args()
    {"bits": bits, "speed": speed}[a.what](a)


if __name__ == "__main__":
    sys.exit(main())
