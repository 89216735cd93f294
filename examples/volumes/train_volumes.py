#!/usr/bin/python3
"""Train the volumes demo: a small 3-D residual network on noisy solids that this script draws itself.

  train_volumes.py [--steps N]

Writes volumes.safetensors, labels.txt and SHAPE_?.npy beside this script and prints the accuracy on 1000 volumes
held out, drawn from another seed. Needs PyTorch and NumPy (Debian: python3-torch python3-numpy).
"""
import argparse
import os
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import weights_file  # noqa: E402

SIZE = 24
SHAPES = ["ball", "cube", "torus", "cross", "rod"]
INITIAL, FILTERS, DEPTH = 8, [8, 16, 32], [1, 1, 1]  # as in volumes.yaml


# ---- the volumes ----

def distance(shape, p, r):
    """Signed distance (or near it) of the points P (3, ...) to the solid of size R around the origin."""
    if shape == "ball":
        return np.linalg.norm(p, axis=0) - r
    if shape == "cube":
        return np.abs(p).max(0) - 0.85 * r
    if shape == "torus":
        return np.hypot(np.hypot(p[0], p[1]) - r, p[2]) - 0.38 * r
    if shape == "cross":  # three bars along the axes
        a = np.abs(p)
        bar = [np.maximum(np.maximum(a[i] - 1.2 * r, a[(i + 1) % 3] - 0.3 * r), a[(i + 2) % 3] - 0.3 * r) for i in range(3)]
        return np.minimum(np.minimum(bar[0], bar[1]), bar[2])
    return np.linalg.norm(p - np.clip(p[2], -r, r) * np.array([0, 0, 1])[:, None, None, None], axis=0) - 0.4 * r  # rod


def rotation(r):
    q = r.normal(size=4)
    w, x, y, z = q / np.linalg.norm(q)
    return np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                     [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                     [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])


GRID = np.stack(np.meshgrid(*[np.arange(SIZE) - (SIZE - 1) / 2] * 3, indexing="ij"))


def draw(label, r):
    """One volume, (SIZE, SIZE, SIZE) uint8: random place, direction, size, contrast and noise."""
    p = np.tensordot(rotation(r), GRID - r.uniform(-2.5, 2.5, 3)[:, None, None, None], 1)
    inside = 1 / (1 + np.exp(2 * distance(SHAPES[label], p, r.uniform(5, 7.5))))
    v = r.uniform(0.1, 0.4) + r.uniform(0.25, 0.5) * inside + r.normal(size=inside.shape) * r.uniform(0.03, 0.12)
    return np.clip(np.round(v * 255), 0, 255).astype(np.uint8)


def volumes(count, seed):
    r = np.random.default_rng(seed)
    label = np.arange(count) % len(SHAPES)
    return torch.from_numpy(np.stack([draw(c, r) for c in label]))[:, None], torch.from_numpy(label)


# ---- the network: resnet3d, parameters named by its layers ----

def same(x, kernel, stride):
    """Pad so that output = ceil(input / stride); the odd element goes to the end."""
    pads = []
    for n in reversed(x.shape[2:]):
        t = max((-(-n // stride) - 1) * stride + kernel - n, 0)
        pads += [t // 2, t - t // 2]
    return F.pad(x, pads)


class Resnet3d(nn.Module):
    def __init__(self, mean):
        super().__init__()
        self.layer = nn.ModuleDict()
        self.register_buffer("mean", torch.tensor([mean]))
        self.conv("conv1", 1, INITIAL, 5)
        c = INITIAL
        for i, (n, f) in enumerate(zip(DEPTH, FILTERS)):
            for j in range(n):
                t = f"stack{i + 1}_block{j + 1}_"
                self.conv(t + "conv1", c, f, 3)
                self.conv(t + "conv2", f, f, 3)
                if (i and not j) or c != f:
                    self.conv(t + "skip_conv", c, f, 1)
                c = f
        self.layer["fc"] = nn.Linear(c, len(SHAPES))

    def conv(self, name, cin, cout, k):
        self.layer[name] = nn.Conv3d(cin, cout, k)
        self.layer[name.replace("conv", "bn")] = nn.BatchNorm3d(cout)

    def unit(self, name, x, stride=1):
        conv = self.layer[name]
        y = F.conv3d(same(x, conv.kernel_size[0], stride), conv.weight, conv.bias, stride)
        return self.layer[name.replace("conv", "bn")](y)

    def forward(self, x):
        x = F.relu(self.unit("conv1", x - self.mean, 2))
        for i, n in enumerate(DEPTH):
            for j in range(n):
                t, stride = f"stack{i + 1}_block{j + 1}_", 2 if i and not j else 1
                y = self.unit(t + "conv2", F.relu(self.unit(t + "conv1", x, stride)))
                x = F.relu(y + (self.unit(t + "skip_conv", x, stride) if t + "skip_conv" in self.layer else x))
        return self.layer["fc"](x.mean((2, 3, 4)))  # the options' network ends with a softmax

    def named(self):
        state = {k[len("layer."):]: v for k, v in self.state_dict().items() if k.startswith("layer.")}
        state = {k: v.numpy() for k, v in state.items() if not k.endswith("num_batches_tracked")}
        return {"input.mean": self.mean.numpy(), **state}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--steps", type=int, default=1200)
    a = p.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    g = torch.Generator().manual_seed(2)

    x, y = volumes(4000, 3)
    held_x, held_y = volumes(1000, 4)
    mean = x.double().mean().item() / 255
    net = Resnet3d(mean)
    opt = torch.optim.AdamW(net.parameters(), lr=5e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=5e-3, total_steps=a.steps)
    net.train()
    for step in range(a.steps):
        pick = torch.randint(len(x), (32,), generator=g)
        b = x[pick]
        for axis in (2, 3, 4):  # mirror images are as good
            if torch.rand(1, generator=g) < 0.5:
                b = b.flip(axis)
        loss = F.cross_entropy(net(b.float() / 255), y[pick])
        opt.zero_grad()
        loss.backward()
        opt.step()
        schedule.step()
        if step % 100 == 99:
            print(f"step {step + 1}: loss {loss.item():.4f}", flush=True)

    net.eval()
    with torch.no_grad():
        scores = torch.cat([net(b.float() / 255) for b in held_x.split(100)])
    right = scores.argmax(1) == held_y
    print(f"held out: {int(right.sum())} of {len(right)} right, accuracy {100 * right.float().mean():.2f} %")

    weights_file.save(os.path.join(HERE, "volumes.safetensors"), net.named())
    with open(os.path.join(HERE, "labels.txt"), "w") as f:
        f.writelines(s + "\n" for s in SHAPES)
    for i in range(2 * len(SHAPES)):  # the first two held-out volumes of each solid, whatever the network makes of them
        name = f"{SHAPES[held_y[i]]}_{'ab'[i // len(SHAPES)]}.npy"
        np.save(os.path.join(HERE, name), held_x[i, 0].numpy())


if __name__ == "__main__":
    main()
