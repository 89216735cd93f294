#!/usr/bin/env python3
"""Checkpoints of other families than timm's, by name alone: random weights, generated, built, run and compared.

    python3 bench/family_checkpoints.py [--rescast ./rescast] [--target avx2[,...]] [--repositories DIR] [--cflags -O1]
                                        [--cc CC] [--runner RUNNER] [--results FILE] [PATTERN ...]

Needs PyTorch, torchvision, monai, transformers, keras (with KERAS_BACKEND=torch) and open_clip; what is missing fails.
DIR has checkouts OWNER+NAME of the repositories that are no packages: Tencent+MedicalNet, kenshohara+3D-ResNets-PyTorch,
akamaster+pytorch_resnet_cifar10, chenyaofo+pytorch-cifar-models, kuangliu+pytorch-cifar, weiaicunzai+pytorch-cifar100.
"""
import argparse
import fnmatch
import functools
import importlib
import importlib.util
import os
import shutil
import sys
import tempfile
import types
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("KERAS_BACKEND", "torch")
import numpy as np
import torch

from timm_checkpoints import parsed, randomise, recorded, report, run

DIR = "repositories"


def imported(repository, module):
    """A module of a checkout, whose packages of another checkout's names are forgotten."""
    for name in [n for n in sys.modules if n.split(".")[0] in ("models", "conf")]:
        del sys.modules[name]
    sys.path.insert(0, os.path.join(DIR, repository))
    try:
        return importlib.import_module(module)
    finally:
        sys.path.pop(0)


def loaded(repository, file):
    name = "loaded_" + file.replace("/", "_")[:-3]
    spec = importlib.util.spec_from_file_location(name, os.path.join(DIR, repository, file))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def hara_models(module):
    return imported("kenshohara+3D-ResNets-PyTorch", "models." + module)


def hara(module, depth, **options):
    return hara_models(module).generate_model(depth, **options)


def hara_blocks(module, depth, *blocks, **options):
    """A model of a module whose BLOCKS call their first argument inplanes; the repository's ResNet passes it as in_planes."""
    utils = types.ModuleType("utils")  # the repository's own wants sklearn for what models don't need
    utils.partialclass = lambda block, **keys: type(block.__name__, (block,),
                                                    {"__init__": functools.partialmethod(block.__init__, **keys)})
    sys.modules["utils"] = utils
    models = hara_models(module)
    del sys.modules["utils"]
    for name in blocks:
        block = getattr(models, name)

        def init(self, in_planes, planes, stride=1, downsample=None, block=block, **keys):
            block.__init__(self, in_planes, planes, stride=stride, downsample=downsample, **keys)
        setattr(models, name, type(name, (block,), {"__init__": init}))
    return models.generate_model(depth, **options)


def hara_preact(depth, **options):
    return hara_blocks("pre_act_resnet", depth, "PreActivationBasicBlock", "PreActivationBottleneck", **options)


def hara_resnext(depth):
    # The repository's ResNeXt passes the number of classes where its ResNet takes the factor of all widths.
    model = hara_blocks("resnext", depth, "ResNeXtBottleneck", n_classes=1)
    model.fc = torch.nn.Linear(model.fc.in_features, 400)
    return model


def medical(depth, shortcut, head=True, features="map"):
    torch.nn.init.kaiming_normal = torch.nn.init.kaiming_normal_
    module = loaded("Tencent+MedicalNet", "resnet.py")
    model = getattr(module, f"resnet{depth}")(sample_input_D=16, sample_input_H=32, sample_input_W=32,
                                              num_seg_classes=2, shortcut_type=shortcut, no_cuda=True)
    if not head:
        model.conv_seg = torch.nn.AdaptiveAvgPool3d(1) if features == "mean" else torch.nn.Identity()
    return model


def monai(depth, axes, **options):
    import monai.networks.nets as nets
    return getattr(nets, f"resnet{depth}")(spatial_dims=axes, n_input_channels=1, num_classes=5, **options)


def transformers(**options):
    import transformers as t
    return t.ResNetForImageClassification(t.ResNetConfig(num_labels=37, **options))


def video(name):
    import torchvision
    return getattr(torchvision.models.video, name)(num_classes=11)


def torchvision(name):
    import torchvision
    return getattr(torchvision.models, name)()


class Tower(torch.nn.Module):
    """All of CLIP's tensors, and the image tower's features."""

    def __init__(self, name):
        import open_clip
        super().__init__()
        self.clip = open_clip.create_model(name, pretrained=None, precision="fp32")
        self.clip.visual.attnpool.q_proj.weight.data.mul_(8)  # so that rows have weights that differ
        self.clip.visual.attnpool.k_proj.weight.data.mul_(8)

    def forward(self, x):
        return self.clip.visual(x)

    def state_dict(self):
        return self.clip.state_dict()


FILM, VOLUME, PICTURE, SMALL = (3, 16, 64, 64), (1, 16, 32, 32), (3, 64, 64), (3, 32, 32)
SIGNAL, SCAN = (1, 64, 1), (1, 16, 24, 32)
PRE, CIFAR = "weiaicunzai+pytorch-cifar100", "kuangliu+pytorch-cifar"
networks = {
    **{f"torchvision_{n}": (lambda n=n: torchvision(n), PICTURE, [])
       for n in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnext50_32x4d", "resnext101_32x8d",
                 "resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2")},
    **{f"torchvision_{n}": (lambda n=n: video(n), (3, 8, 64, 64), []) for n in ("r3d_18", "mc3_18", "r2plus1d_18")},
    "hara10A": (lambda: hara("resnet", 10, shortcut_type="A"), FILM, ["family=kenshohara"]),
    "hara18A": (lambda: hara("resnet", 18, shortcut_type="A"), FILM, ["family=kenshohara"]),
    "hara50B": (lambda: hara("resnet", 50), FILM, ["family=kenshohara"]),
    "hara18A_strided": (lambda: hara("resnet", 18, shortcut_type="A", conv1_t_stride=2, conv1_t_size=3,
                                     no_max_pool=True), FILM,
                        ["family=kenshohara", "initial-stride=2", "initial-pooling-layer=none"]),
    "hara_wide50": (lambda: hara("wide_resnet", 50, k=1), FILM, ["family=kenshohara"]),
    "hara_preact18A": (lambda: hara_preact(18, shortcut_type="A"), FILM, ["family=kenshohara"]),
    "hara_preact50": (lambda: hara_preact(50), FILM, ["family=kenshohara"]),
    "hara_resnext50": (lambda: hara_resnext(50), FILM, ["family=kenshohara"]),
    "hara_resnext101": (lambda: hara_resnext(101), FILM, ["family=kenshohara"]),
    "hara_r2p1d18": (lambda: hara("resnet2p1d", 18), FILM, []),
    "hara_r2p1d50A": (lambda: hara("resnet2p1d", 50, shortcut_type="A"), FILM, []),
    "medical10B": (lambda: medical(10, "B"), VOLUME, []),
    "medical18A": (lambda: medical(18, "A"), VOLUME, []),
    "medical50B": (lambda: medical(50, "B"), VOLUME, []),
    "medical10B_map": (lambda: medical(10, "B", False), VOLUME, ["family=medicalnet", "features=map"]),
    "medical18A_mean": (lambda: medical(18, "A", False, "mean"), VOLUME, ["family=medicalnet", "features=mean"]),
    "monai10_1d": (lambda: monai(10, 1), SIGNAL, []),
    "monai50_1dA": (lambda: monai(50, 1, shortcut_type="A"), SIGNAL, []),
    "monai18_2dA": (lambda: monai(18, 2, shortcut_type="A"), (1, 32, 32), []),
    "monai50_2d": (lambda: monai(50, 2), (1, 32, 32), []),
    "monai18_2d_unbiased": (lambda: monai(18, 2, bias_downsample=False), (1, 32, 32), ["family=monai"]),
    "monai18_3dA": (lambda: monai(18, 3, shortcut_type="A"), SCAN, ["family=monai"]),
    "monai34_3d": (lambda: monai(34, 3), SCAN, []),
    **{f"monai{d}_3d": (lambda d=d: monai(d, 3), SCAN, []) for d in (101, 152, 200)},
    "monai10_3d_strided": (lambda: monai(10, 3, conv1_t_stride=2, bias_downsample=False), SCAN,
                           ["family=monai", "initial-stride=2"]),
    "monai10_3d_features": (lambda: monai(10, 3, feed_forward=False, bias_downsample=False), SCAN,
                            ["family=monai", "features=mean"]),
    "transformers_resnet50": (lambda: transformers(), PICTURE, []),
    "transformers_resnet18": (lambda: transformers(layer_type="basic", depths=[2, 2, 2, 2],
                                                   hidden_sizes=[64, 128, 256, 512]), PICTURE, []),
    "transformers_resnet26_silu": (lambda: transformers(depths=[2, 2, 2, 2], hidden_act="silu"), PICTURE,
                                   ["activation=silu"]),
    "akamaster20": (lambda: loaded("akamaster+pytorch_resnet_cifar10", "resnet.py").resnet20(), SMALL, []),
    "akamaster110": (lambda: loaded("akamaster+pytorch_resnet_cifar10", "resnet.py").resnet110(), SMALL, []),
    "chenyaofo20": (lambda: loaded("chenyaofo+pytorch-cifar-models", "pytorch_cifar_models/resnet.py")
                    .cifar10_resnet20(), SMALL, []),
    "chenyaofo56": (lambda: loaded("chenyaofo+pytorch-cifar-models", "pytorch_cifar_models/resnet.py")
                    .cifar100_resnet56(), SMALL, []),
    "kuangliu18": (lambda: loaded(CIFAR, "models/resnet.py").ResNet18(), SMALL, []),
    "kuangliu50": (lambda: loaded(CIFAR, "models/resnet.py").ResNet50(), SMALL, []),
    "kuangliu_preact18": (lambda: loaded(CIFAR, "models/preact_resnet.py").PreActResNet18(), SMALL, []),
    "kuangliu_preact50": (lambda: loaded(CIFAR, "models/preact_resnet.py").PreActResNet50(), SMALL, []),
    "weiaicunzai18": (lambda: loaded(PRE, "models/resnet.py").resnet18(), SMALL, []),
    "weiaicunzai50": (lambda: loaded(PRE, "models/resnet.py").resnet50(), SMALL, []),
    "weiaicunzai_resnext50": (lambda: loaded(PRE, "models/resnext.py").resnext50(), SMALL, []),
    "weiaicunzai_preact18": (lambda: loaded(PRE, "models/preactresnet.py").preactresnet18(), SMALL, []),
    "weiaicunzai_preact50": (lambda: loaded(PRE, "models/preactresnet.py").preactresnet50(), SMALL, []),
    **{f"openclip_{n}": (lambda n=n: Tower(n), (3, side, side), [])
       for n, side in (("RN50", 224), ("RN101", 224), ("RN50x4", 288))},
    **{f"keras_{n}_{form}": (lambda n=n: n, PICTURE, [] if "V2" in n else ["channel-order=bgr"])
       for n in ("ResNet50", "ResNet101", "ResNet152", "ResNet50V2", "ResNet101V2", "ResNet152V2")
       for form in (".keras", ".h5", ".weights.h5")},
}


def keras_files(name, shape, form, work):
    """A model of keras.applications with random weights and statistics in a file; inputs and outputs."""
    import keras
    random = np.random.default_rng(5)
    model = getattr(keras.applications, name)(weights=None, classes=17, input_shape=(*shape[1:], shape[0]))
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            n, last = layer.gamma.shape, layer.name.endswith("_3_bn")
            layer.set_weights([random.uniform(0.8, 1.2, n) * (0.3 if last else 1), random.normal(0, 0.1, n),
                               random.normal(0, 0.1, n), random.uniform(0.5, 1.5, n)])
        elif isinstance(layer, keras.layers.Conv2D) and layer.use_bias:
            kernel, bias = layer.get_weights()
            last = name.endswith("V2") and layer.name.endswith("_3_conv")
            layer.set_weights([kernel * (0.3 if last else 1), random.normal(0, 0.1, bias.shape)])
    path = f"{work}/{name}{form}"
    model.save_weights(path) if form == ".weights.h5" else model.save(path)
    x = random.normal(size=(1, *shape[1:], shape[0])).astype(np.float32)
    return path, x.transpose(0, 3, 1, 2), np.asarray(model.predict(x, verbose=0))


def torch_files(model, name, shape, work):
    model = model.eval()
    randomise(model)
    path, x = f"{work}/{name}.pth", torch.randn(1, *shape)
    torch.save(model.state_dict(), path)
    with torch.no_grad():
        y = model(x[..., 0] if shape == SIGNAL else x)
    return path, x.numpy(), getattr(y, "logits", y).numpy()


def check(name, targets, arguments, work):
    """For each target its name, the relative L2 error or None, and what was recognised or what went wrong."""
    make, shape, settings = networks[name]
    torch.manual_seed(1)
    model = make()
    if isinstance(model, str):
        path, x, y = keras_files(model, shape, name[name.index("."):], work)
    else:
        path, x, y = torch_files(model, name, shape, work)
    np.save(f"{work}/x.npy", x)
    y = y.ravel()
    for target in targets:
        z, text = run(arguments, target, path, shape, settings, work)
        good = z is not None and z.size == y.size
        yield target, (np.linalg.norm(z - y) / np.linalg.norm(y) if good else None), text


def main():
    global DIR
    parser = argparse.ArgumentParser()
    parser.add_argument("--repositories", default=DIR)
    arguments = parsed(parser)
    DIR = arguments.repositories
    known, good, done = recorded(arguments.results), 0, 0
    for name in networks:
        begin = {t: f"ok   {name}, {t}" for t in arguments.target.split(",")}
        if not any(fnmatch.fnmatch(name, p) for p in arguments.pattern):
            continue
        targets = [t for t in begin if begin[t] not in known]
        done, good = done + len(begin), good + len(begin) - len(targets)
        work = tempfile.mkdtemp(prefix="rescast-families.")
        try:
            results = list(check(name, targets, arguments, work)) if targets else []
        except Exception as e:  # a package or a checkout is missing, or its maker fails
            results = [(t, None, repr(e)) for t in targets]
        finally:
            shutil.rmtree(work)
        for target, error, text in results:
            good += report(arguments, begin[target], 1, error, text, work)
    print(f"{good} of {done}")


if __name__ == "__main__":
    main()
