#!/usr/bin/env python3
"""A generated network layer by layer, on one thread: time, multiply-adds executed and by definition over the core's peak.

  cpu_layers.py --rescast CMD --networks resnet18,resnet50,resnet18-3d [--generate "-t avx512,avx2"] [--runs 10]
The peak is measured by fma_peak.c before and after the runs, on the same core; the better of both counts. Equal kernels
are one line. "executed" leaves out what Winograd saves and counts what its tiles compute beyond the edge.
"""
import argparse, json, os, subprocess, tempfile
from cpu_peers import cast, machine
from networks import NETWORKS


def peak(folder):
    here = os.path.dirname(os.path.abspath(__file__))
    subprocess.run(["cc", "-O2", "-march=native", "-o", f"{folder}/fma_peak", f"{here}/fma_peak.c"], check=True)
    return lambda: float(subprocess.run([f"{folder}/fma_peak"], check=True, capture_output=True, text=True).stdout)


def measure(rescast, name, generate, runs, rounds):
    _, _, options = NETWORKS[name]
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/options.yaml", "w") as f:
            f.write(f"name: net\n{options}")
        cast(rescast, folder, generate, weights=False)
        nodes = json.load(open(f"{folder}/net/net.json"))["nodes"]
        probe, best, total = peak(folder), {}, []
        rate = probe()
        for _ in range(rounds):
            out = subprocess.run(["taskset", "-c", "0", f"{folder}/net/net", "--bench", str(runs), "--profile", "--json", "--threads", "1"],
                                 check=True, capture_output=True, text=True).stdout
            run = json.loads(out)
            total.append(run["profile"]["total_ms"])
            rows = {}
            for layer, node in zip(run["profile"]["layers"], nodes):
                row = rows.setdefault(node["kernel"], [0, 0.0, 0.0, 0.0])
                row[0] += 1
                row[1] += layer["ms"]
                row[2] += node["executed_macs"] / 1e6
                row[3] += node["macs"] / 1e6
            for k, row in rows.items():
                if k not in best or row[1] < best[k][1]:
                    best[k] = row
        return max(rate, probe()), best, min(total)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rescast", required=True)
    p.add_argument("--networks", default="resnet18,resnet50,resnet18-3d")
    p.add_argument("--generate", default="-t avx512,avx2")
    p.add_argument("--runs", type=int, default=10)
    p.add_argument("--rounds", type=int, default=9)
    a = p.parse_args()
    print(machine())
    for name in a.networks.split(","):
        rate, rows, total = measure(a.rescast, name, a.generate, a.runs, a.rounds)
        print(f"\n{name}: one thread, FMA peak {rate:.1f} GMAC/s, least of {a.rounds} means of {a.runs} runs\n")
        print("| kernel | layers | ms | share | executed / peak | by definition / peak |\n|---|---|---|---|---|---|")
        for k, (count, ms, executed, macs) in rows.items():
            print(f"| {k} | {count} | {ms:.3f} | {100 * ms / total:.1f} % | {100 * executed / ms / rate:.0f} % | {100 * macs / ms / rate:.0f} % |")
        executed, macs = sum(r[2] for r in rows.values()), sum(r[3] for r in rows.values())
        print(f"| total | | {total:.2f} | | {100 * executed / total / rate:.0f} % | {100 * macs / total / rate:.0f} % |", flush=True)


if __name__ == "__main__":
    main()
