#!/usr/bin/env python3
"""What threads gain, and what they lose where CPUs are fewer or busy: generated networks beside themselves.

  cpu_threads.py --rescast CMD [--threads 1,2,4,8,16] [--cpus 0,1,...] [--generate "-t avx512"] [--seconds 4] OPTIONS.yaml...

For each network, three questions, each answered by the median of the rounds' ratios and its quartiles, as cpu_peers.py has them:
- each number of threads beside the one before it in the list, on so many of the CPUs; at most 1.03;
- two threads on two CPUs, one of which has a busy loop, beside one thread on the same CPUs alone; at most 1.25;
- 32 threads on two CPUs beside two threads; at most 1.1.
What is above its bound is marked with "!". --cpus: in the order of their use; all by default.
"""
import argparse, contextlib, json, os, signal, subprocess, sys, tempfile, time
import numpy as np
from cpu_peers import Engine, evaluate_rounds, machine, make_engine, measure


class Busy:
    """A process that never sleeps on one CPU, while it is told to."""

    def __init__(self, cpu):
        self.process = subprocess.Popen(["taskset", "-c", str(cpu), sys.executable, "-c", "while True: pass"])
        self.stop()

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def go(self):
        self.process.send_signal(signal.SIGCONT)

    def end(self):
        self.process.kill()
        self.process.wait()


class Beside(Engine):
    """An engine whose rounds the busy process disturbs. The scheduler favours what has just begun to run, so the process begins
    some time before."""
    busy = None

    def round(self, label, seconds):
        self.busy.go()
        time.sleep(0.2)
        try:
            return super().round(label, seconds)
        finally:
            self.busy.stop()


def cast(a, options, folder):
    """The network in folder/net, its engine, and an input."""
    subprocess.run(a.rescast.split() + ["generate", options, "-o", f"{folder}/net", "--set", "name=net"] + a.generate.split(), check=True)
    subprocess.run(["make", "-s", f"-j{a.jobs}", "-C", f"{folder}/net", "libnet.a"], check=True)
    make_engine(f"{folder}/net")
    shape = json.load(open(f"{folder}/net/net.json"))["input_shape"]
    np.save(f"{folder}/x.npy", np.random.default_rng(1).random(shape, np.float32))


def compare(a, folder, text, bound, one, other):
    """OTHER beside ONE: each threads, CPUs, and the busy process or None."""
    engines = []
    for name, (threads, cpus, busy) in zip("ab", (one, other)):
        command = [f"{folder}/net/engine", f"{folder}/net/net.weights", f"{folder}/x.npy", "-", str(threads), name]
        engines.append((Beside if busy else Engine)(name, command, cpus))
        engines[-1].busy = busy
    for engine in engines:
        wrong = engine.ready()
        if wrong:
            sys.exit(f"cpu_threads.py: {text}: {wrong}")
    rounds = measure(a, engines)
    for engine in engines:
        engine.close()
    ratio, (first, second) = evaluate_rounds(rounds["b"], rounds["a"]), (sum(rounds[k], []) for k in "ab")
    print(f"  {text:44} {np.median(second):8.2f} ({min(second):.2f}) ms, beside {np.median(first):.2f} ({min(first):.2f})   "
          f"{ratio['median']:.2f} ({ratio['lower_quartile']:.2f}-{ratio['upper_quartile']:.2f}){' !' if ratio['median'] > bound else ''}", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rescast", required=True)
    p.add_argument("--threads", default="1,2")
    p.add_argument("--cpus", default=",".join(map(str, sorted(os.sched_getaffinity(0)))))
    p.add_argument("--generate", default="-t avx512,avx2", help="more arguments of rescast generate")
    p.add_argument("--seconds", type=float, default=4, help="of each comparison")
    p.add_argument("--rounds", type=int, default=6, help="of each comparison, at least")
    p.add_argument("--slice", type=float, default=0.1)
    p.add_argument("--pause", type=float, default=0.25)
    p.add_argument("--jobs", type=int, default=2)
    p.add_argument("options", nargs="+")
    a = p.parse_args()
    cpus, threads = [int(c) for c in a.cpus.split(",")], [int(t) for t in a.threads.split(",")]
    print(machine(), flush=True)
    for options in a.options:
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
            cast(a, options, folder)
            print(options, flush=True)
            for fewer, more in zip(threads, threads[1:]):
                compare(a, folder, f"{more} threads beside {fewer}", 1.03, (fewer, cpus[:fewer], None), (more, cpus[:more], None))
            if len(cpus) < 2:
                continue
            busy = Busy(cpus[1])
            stack.callback(busy.end)
            compare(a, folder, "2 threads and a busy loop on 2 CPUs beside 1", 1.25, (1, cpus[:2], None), (2, cpus[:2], busy))
            compare(a, folder, "32 threads on 2 CPUs beside 2", 1.1, (2, cpus[:2], None), (32, cpus[:2], None))


if __name__ == "__main__":
    main()
