#!/usr/bin/python3
"""Train the digits demo: a small residual network on the 8x8 handwritten digits that scikit-learn ships.

  train_digits.py [--npz FILE] [--epochs N]

Writes digits.safetensors, labels.txt and digit_?_a.png beside this script and prints the accuracy on the images
held out. Needs PyTorch, NumPy, Pillow and scikit-learn (Debian: python3-torch python3-numpy python3-pil
python3-sklearn); with --npz, arrays `images` and `target` are read from FILE instead of scikit-learn.

The split: image i is held out when i % 5 == 4, 359 of 1797. Nothing else is chosen by the held-out images: the
number of epochs is fixed.
"""
import argparse
import os
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import weights_file  # noqa: E402

MEAN, STD = 0.3, 0.38  # as in digits.yaml
LAYERS, FILTERS = [1, 1, 1], [16, 32, 64]


class Basic(nn.Module):
    """torchvision's BasicBlock, with its parameter names."""

    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.downsample = None
        if stride != 1 or cin != cout:
            self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (self.downsample(x) if self.downsample is not None else x))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, FILTERS[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(FILTERS[0])
        cin, self.stages = FILTERS[0], []
        for i, (count, cout) in enumerate(zip(LAYERS, FILTERS)):
            blocks = [Basic(cin if j == 0 else cout, cout, 2 if i and j == 0 else 1) for j in range(count)]
            setattr(self, f"layer{i + 1}", nn.Sequential(*blocks))
            self.stages.append(f"layer{i + 1}")
            cin = cout
        self.fc = nn.Linear(cin, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        for name in self.stages:
            x = getattr(self, name)(x)
        return self.fc(x.mean((2, 3)))


def load(npz):
    if npz:
        data = np.load(npz)
        return data["images"], data["target"]
    from sklearn.datasets import load_digits
    data = load_digits()
    return data.images, data.target


def augment(x, g):
    """Rotate by up to 12 degrees, scale by up to 10 %, shift by up to one pixel."""
    n = len(x)
    u = lambda a: (torch.rand(n, generator=g) * 2 - 1) * a
    angle, size = u(0.21), 1 + u(0.1)
    c, s = torch.cos(angle) * size, torch.sin(angle) * size
    theta = torch.stack([torch.stack([c, -s, u(0.25)], 1), torch.stack([s, c, u(0.25)], 1)], 1)
    return F.grid_sample(x, F.affine_grid(theta, x.shape, align_corners=False), align_corners=False)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--npz")
    p.add_argument("--epochs", type=int, default=60)
    a = p.parse_args()
    torch.manual_seed(1)
    torch.set_num_threads(1)
    g = torch.Generator().manual_seed(2)

    images, target = load(a.npz)
    pixels = np.floor(np.asarray(images, dtype=np.float64) * 255 / 16 + 0.5).astype(np.uint8)  # what the PNGs hold
    x = torch.from_numpy(pixels).float().div(255)[:, None]
    y = torch.from_numpy(np.asarray(target)).long()
    held = torch.arange(len(x)) % 5 == 4
    norm = lambda t: (t - MEAN) / STD

    net = ResNet()
    xt, yt = x[~held], y[~held]
    batch = 64
    steps = a.epochs * -(-len(xt) // batch)
    opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.1, total_steps=steps)
    for epoch in range(a.epochs):
        net.train()
        order = torch.randperm(len(xt), generator=g)
        total = 0.0
        for i in range(0, len(xt), batch):
            pick = order[i:i + batch]
            loss = F.cross_entropy(net(norm(augment(xt[pick], g))), yt[pick], label_smoothing=0.05)
            opt.zero_grad()
            loss.backward()
            opt.step()
            schedule.step()
            total += loss.item() * len(pick)
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: loss {total / len(xt):.4f}", flush=True)

    net.eval()
    with torch.no_grad():
        scores = net(norm(x[held]))
    right = scores.argmax(1) == y[held]
    print(f"held out: {int(right.sum())} of {len(right)} right, accuracy {100 * right.float().mean():.2f} %")

    state = {k: v.numpy() for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    weights_file.save(os.path.join(HERE, "digits.safetensors"), state)
    with open(os.path.join(HERE, "labels.txt"), "w") as f:
        f.writelines(f"{d}\n" for d in range(10))
    where = torch.nonzero(held).flatten()
    for d in range(10):  # the first held-out image of each digit, whatever the network makes of it
        i = int(where[y[held] == d][0])
        Image.fromarray(pixels[i]).save(os.path.join(HERE, f"digit_{d}_a.png"), optimize=True)


if __name__ == "__main__":
    main()
