"""The networks that are measured: each a PyTorch module, its input, and the options file that casts the same network."""
import torch, torchvision
from torch import nn


def same_padding(n, k, s):
    """What 'same' puts before and behind N elements for a window of K and stride S."""
    total = max(((n + s - 1) // s - 1) * s + k - n, 0)
    return total // 2, total - total // 2


class Resnet3d(nn.Module):
    """resnet3dNetwork: MATLAB's 3-D residual network with the tensor names that rescast reads. Its 'same'
    padding has the odd element behind the data, which PyTorch's convolutions can't: there the input is padded before them."""

    def __init__(self, channels, stem, stem_stride, pool, bottleneck, depth, filters, classes):
        super().__init__()
        self.pool, self.bottleneck, self.depth = pool, bottleneck, depth
        self.kernel, self.stride = {}, {}
        width = 64
        self.conv("conv1", channels, width, stem, stem_stride)
        self.bn1 = nn.BatchNorm3d(width)
        for i, (n, f) in enumerate(zip(depth, filters), 1):
            out = f * (4 if bottleneck else 1)
            for j in range(1, n + 1):
                t, s = f"stack{i}_block{j}_", 2 if j == 1 and i > 1 else 1
                steps = [(1, f), (3, f), (1, out)] if bottleneck else [(3, f), (3, f)]
                c = width
                for q, (k, co) in enumerate(steps, 1):
                    self.conv(f"{t}conv{q}", c, co, k, s if q == 1 else 1)
                    self.add_module(f"{t}bn{q}", nn.BatchNorm3d(co))
                    c = co
                if j == 1 and (i > 1 or width != out):
                    self.conv(t + "skip_conv", width, out, 1, s)
                    self.add_module(t + "skip_bn", nn.BatchNorm3d(out))
                width = out
        self.fc = nn.Linear(width, classes)

    def conv(self, name, c, co, k, s):
        self.add_module(name, nn.Conv3d(c, co, k, s))
        self.kernel[name], self.stride[name] = k, s

    def run(self, x, name):
        conv = getattr(self, name)
        pads = [same_padding(int(n), self.kernel[name], self.stride[name]) for n in x.shape[2:]]
        if all(before == behind for before, behind in pads):
            return nn.functional.conv3d(x, conv.weight, conv.bias, conv.stride, [p[0] for p in pads])
        return conv(nn.functional.pad(x, [n for p in reversed(pads) for n in p]))

    def max_pool(self, x):
        """3 x 3 x 3, stride 2; an odd element behind the data is the window that sticks out."""
        before = [same_padding(int(n), 3, 2)[0] for n in x.shape[2:]]
        return nn.functional.max_pool3d(x, 3, 2, before, ceil_mode=True)

    def forward(self, x):
        x = torch.relu(self.bn1(self.run(x, "conv1")))
        if self.pool:
            x = self.max_pool(x)
        last = 3 if self.bottleneck else 2
        for i, n in enumerate(self.depth, 1):
            for j in range(1, n + 1):
                t, y = f"stack{i}_block{j}_", x
                for q in range(1, last + 1):
                    y = getattr(self, f"{t}bn{q}")(self.run(y, f"{t}conv{q}"))
                    if q < last:
                        y = torch.relu(y)
                if hasattr(self, t + "skip_conv"):
                    x = getattr(self, t + "skip_bn")(self.run(x, t + "skip_conv"))
                x = torch.relu(x + y)
        return torch.softmax(self.fc(x.mean((2, 3, 4))), 1)


class Resnet20(nn.Module):
    """He et al., section 4.2: 3 x 3 blocks of 16, 32, 64 channels, shortcuts without parameters."""

    class Block(nn.Module):
        def __init__(self, c, co, s):
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(c, co, 3, s, 1, bias=False), nn.BatchNorm2d(co)
            self.conv2, self.bn2 = nn.Conv2d(co, co, 3, 1, 1, bias=False), nn.BatchNorm2d(co)
            self.grow = (co - c) // 2

        def forward(self, x):
            y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
            if self.grow:
                x = nn.functional.pad(nn.functional.max_pool2d(x, 1, 2), (0, 0, 0, 0, self.grow, self.grow))
            return torch.relu(x + y)

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16)
        c = 16
        for i, co in enumerate((16, 32, 64), 1):
            blocks = []
            for j in range(3):
                blocks.append(self.Block(c, co, 2 if i > 1 and j == 0 else 1))
                c = co
            self.add_module(f"layer{i}", nn.Sequential(*blocks))
        self.linear = nn.Linear(64, 10)

    def forward(self, x):
        x = torch.relu(self.bn1(self.conv1(x)))
        x = self.layer3(self.layer2(self.layer1(x)))
        return self.linear(x.mean((2, 3)))


class Transposed(nn.Module):
    """transposedConv3dLayer(11, 32, 'Stride', [4 4 2]): MATLAB's axes are h, w, d; PyTorch's d, h, w."""

    def __init__(self):
        super().__init__()
        self.up = nn.ConvTranspose3d(16, 32, 11, (2, 4, 4))

    def forward(self, x):
        return self.up(x)


def as_sequence(net, shape):
    """The layers of a Resnet3d as an options file: for inputs smaller than resnet3d's own rule allows."""
    lines, extents = ["network: sequence", f"input-size: {list(shape)}", "layers:"], {}

    def add(type, name, source, **keys):
        text = "".join(f", {k}: {v}" for k, v in keys.items())
        lines.append(f"  - {{type: {type}, name: {name}, input: {source}{text}}}".replace("'", ""))
        return name

    def padding(name, k, s):
        before = extents[name]
        pads = [same_padding(n, k, s) for n in before]
        return [[p[0] for p in pads], [p[1] for p in pads]], [(n + s - 1) // s for n in before]

    def conv(name, source):
        k, s = net.kernel[name], net.stride[name]
        pads, after = padding(source, k, s)
        add("conv", name, source, filters=getattr(net, name).out_channels, **{"kernel-size": k}, stride=s, padding=pads)
        extents[name] = after
        return name

    def then(type, name, source, **keys):
        extents[name] = extents[source if isinstance(source, str) else source[0]]
        return add(type, name, source, **keys)

    extents["input"] = list(shape[1:])
    x = then("relu", "relu1", then("batch-norm", "bn1", conv("conv1", "input")))
    if net.pool:
        pads, after = padding(x, 3, 2)
        extents["pool"] = after
        x = add("max-pool", "pool", x, **{"kernel-size": 3}, stride=2, padding=pads)
    last = 3 if net.bottleneck else 2
    for i, n in enumerate(net.depth, 1):
        for j in range(1, n + 1):
            t, y = f"stack{i}_block{j}_", x
            for q in range(1, last + 1):
                y = then("batch-norm", f"{t}bn{q}", conv(f"{t}conv{q}", y))
                y = then("relu", f"{t}relu{q}", y) if q < last else y
            if hasattr(net, t + "skip_conv"):
                x = then("batch-norm", t + "skip_bn", conv(t + "skip_conv", x))
            x = then("relu", t + "relu", then("add", t + "add", [y, x]))
    add("softmax", "prob", add("linear", "fc", add("global-average-pool", "gap", x), features=net.fc.out_features))
    return "\n".join(lines) + "\n"


def torchvision_net(arch):
    return lambda: getattr(torchvision.models, arch)(weights=None), (3, 224, 224), f"network: resnet\narch: {arch}\n"


def resnet3d(shape, stem=7, stem_stride=2, pool=True, bottleneck=True, depth=(3, 4, 6, 3), classes=1000):
    c, d, h, w = shape
    text = f"network: resnet3d\ninput-size: [{h}, {w}, {d}, {c}]\nnum-classes: {classes}\n"
    text += f"initial-filter-size: {stem}\ninitial-stride: {stem_stride}\nstack-depth: {list(depth)}\n"
    text += "" if pool else "initial-pooling-layer: none\n"
    text += "" if bottleneck else "bottleneck-type: none\n"
    build = lambda: Resnet3d(c, stem, stem_stride, pool, bottleneck, depth, (64, 128, 256, 512), classes)
    if min(d, h, w) < stem_stride * (2 if pool else 1) * 2 ** (len(depth) - 1):
        text = as_sequence(build(), shape)
    return build, shape, text


NETWORKS = {
    **{a: torchvision_net(a) for a in ("resnet18", "resnet34", "resnet50", "resnext50_32x4d")},
    "resnet20-cifar": (Resnet20, (3, 32, 32), "network: resnet\nblock: basic\nlayers: [3, 3, 3]\nnum-filters: [16, 32, 64]\n"
                       "initial-filter-size: 3\ninitial-stride: 1\ninitial-pooling-layer: none\nshortcut: pad\nhead: linear\n"
                       "num-classes: 10\ninput-size: [3, 32, 32]\n"),
    "resnet18-3d": resnet3d((3, 16, 112, 112), pool=False, bottleneck=False, depth=(2, 2, 2, 2)),
    "resnet18-3d-28": resnet3d((1, 28, 28, 28), 3, 1, False, False, (2, 2, 2, 2), 10),
    "resnet3d-50": resnet3d((3, 16, 112, 112)),
    "resnet3d-50-large": resnet3d((3, 64, 224, 224)),
    "transposed": (Transposed, (16, 24, 24, 24), "network: sequence\ninput-size: [16, 24, 24, 24]\nlayers:\n"
                   "  - {type: transposed-conv-3d, name: up, filter-size: 11, num-filters: 32, stride: [4, 4, 2]}\n"),
}


def by_torchvision(arch, shape=(3, 224, 224), **arguments):
    return lambda: getattr(torchvision.models.video if len(shape) == 4 else torchvision.models, arch)(weights=None, **arguments), shape, None


def by_monai(name, shape, **arguments):
    def build():
        import monai.networks.nets
        return getattr(monai.networks.nets, name)(spatial_dims=len(shape) - 1, **arguments)
    return build, shape, None


# Networks that people export to ONNX, generated from the export (no options): torchvision's and MONAI's.
EXPORTS = {
    **{a: by_torchvision(a) for a in ("resnet18", "resnet50", "resnext50_32x4d", "wide_resnet50_2")},
    **{a: by_torchvision(a, (3, 16, 112, 112)) for a in ("r3d_18", "mc3_18", "r2plus1d_18")},
    "densenet121": by_torchvision("densenet121"),
    "googlenet": by_torchvision("googlenet", aux_logits=False, init_weights=False),
    **{a: by_torchvision(a) for a in ("mobilenet_v2", "mobilenet_v3_small", "mobilenet_v3_large", "squeezenet1_1",
                                      "shufflenet_v2_x1_0", "regnet_x_400mf", "regnet_y_400mf", "efficientnet_b0", "mnasnet1_0",
                                      "vgg11_bn", "convnext_tiny")},
    "monai_resnet50": by_monai("resnet50", (1, 64, 64, 64), n_input_channels=1, num_classes=3),
    "monai_segresnet": by_monai("SegResNet", (1, 64, 64, 64), in_channels=1, out_channels=2, init_filters=16),
    "monai_densenet121": by_monai("DenseNet121", (1, 64, 64, 64), in_channels=1, out_channels=3),
    "monai_unet": by_monai("UNet", (1, 64, 64, 64), in_channels=1, out_channels=2, channels=(16, 32, 64, 128, 256),
                           strides=(2, 2, 2, 2), num_res_units=2),
}


def network(name):
    """The module's builder, the input's shape and the options file; None: the network is generated from its ONNX export."""
    return NETWORKS[name] if name in NETWORKS else EXPORTS[name]
