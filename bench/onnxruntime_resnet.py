#!/usr/bin/env python3
"""A generated torchvision ResNet beside ONNX Runtime: same weights, same input, one thread, alternating.

  onnxruntime_resnet.py --rescast CMD [--arch resnet18] [--runs 10] [--arch-flags=-march=native]
Needs torch, torchvision, onnx, onnxruntime from PyPI. Prints medians, the ratio and the outputs' difference.
"""
import argparse, json, os, struct, subprocess, tempfile, time
import numpy as np, torch, torchvision, onnxruntime

def save_safetensors(path, tensors):
    head, blob = {}, b""
    for k, v in tensors.items():
        b = np.ascontiguousarray(v, dtype=np.float32).tobytes()
        head[k] = {"dtype": "F32", "shape": list(v.shape), "data_offsets": [len(blob), len(blob) + len(b)]}
        blob += b
    h = json.dumps(head).encode(); h += b" " * (-len(h) % 8)
    open(path, "wb").write(struct.pack("<Q", len(h)) + h + blob)

P = argparse.ArgumentParser()
P.add_argument("--rescast", required=True); P.add_argument("--arch", default="resnet18"); P.add_argument("--runs", type=int, default=10)
P.add_argument("--arch-flags", default="-march=native"); P.add_argument("--threads", type=int, default=1)
a = P.parse_args(); torch.manual_seed(1); torch.set_num_threads(a.threads)
d = tempfile.mkdtemp(); m = getattr(torchvision.models, a.arch)(weights=None).eval()
x = torch.randn(1, 3, 224, 224)
with torch.no_grad(): y = m(x).numpy()
save_safetensors(d + "/w.safetensors", {k: v.numpy() for k, v in m.state_dict().items() if not k.endswith("num_batches_tracked")})
open(d + "/o.yaml", "w").write(f"name: net\nnetwork: resnet\narch: {a.arch}\n"); np.save(d + "/x.npy", x.numpy())
torch.onnx.export(m, x, d + "/m.onnx", dynamo=False, input_names=["x"], output_names=["y"])
subprocess.run(a.rescast.split() + ["generate", d + "/o.yaml", "-w", d + "/w.safetensors", "-o", d + "/net"], check=True)
subprocess.run(["make", "-s", "-C", d + "/net", "ARCH=" + a.arch_flags], check=True)
so = onnxruntime.SessionOptions(); so.intra_op_num_threads = a.threads; so.inter_op_num_threads = 1
s = onnxruntime.InferenceSession(d + "/m.onnx", so, providers=["CPUExecutionProvider"]); feed = {"x": x.numpy()}
ours, theirs = [], []
for k in range(a.runs):
    for _ in range(2): s.run(None, feed)
    for _ in range(5):
        t = time.perf_counter(); r = s.run(None, feed)[0]; theirs.append(1e3 * (time.perf_counter() - t))
    o = subprocess.run([d + "/net/net", "--bench", "5", "--threads", str(a.threads), "--json", "--output", d + "/y.npy", d + "/x.npy"], check=True, capture_output=True, text=True).stdout
    b = json.loads(o)["bench"]; ours.append(b["median_ms"])
e = np.linalg.norm(np.load(d + "/y.npy") - y) / np.linalg.norm(y)
cpu = [l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")][0]
print(f"{a.arch}, {a.threads} thread(s), {cpu}: rescast {np.median(ours):.1f} ms, ONNX Runtime {onnxruntime.__version__} {np.median(theirs):.1f} ms, "
      f"ratio {np.median(ours) / np.median(theirs):.2f} (minima {min(ours):.1f}, {min(theirs):.1f}); output differs from PyTorch by {e:.1e}")
