# checkpoints.py DIR: checkpoints of one small network as PyTorch itself writes them, in both of its formats and all protocols,
# for tests/checkpoints.sh: each must give the weights of plain.pth.
import argparse, collections, datetime, enum, pathlib, sys, warnings
import numpy as np, torch

warnings.filterwarnings('ignore')
folder = sys.argv[1]


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.c, self.b, self.l = torch.nn.Conv2d(1, 2, 1), torch.nn.BatchNorm2d(2), torch.nn.Linear(2, 2)

    def forward(self, x):
        return self.l(self.b(self.c(x)).mean((2, 3)))


class Words(collections.OrderedDict):
    pass


class Colour(enum.Enum):
    RED = 1


def prefixed(prefix, tensors):
    return collections.OrderedDict((prefix + k, v) for k, v in tensors.items())


torch.manual_seed(1)
net = Net()
optimizer = torch.optim.Adam(net.parameters())
net(torch.ones(2, 1, 4, 4)).sum().backward()
optimizer.step()
schedule = torch.optim.lr_scheduler.MultiStepLR(optimizer, [30, 60])
plain = collections.OrderedDict((k, v.clone()) for k, v in net.state_dict().items())
average = {k: v + 1 for k, v in plain.items()}
args = argparse.Namespace(lr=.1, device=torch.device('cpu'), dtype=torch.float32, path=pathlib.Path('/x'), colour=Colour.RED,
                          when=datetime.datetime(2024, 1, 1), shape=torch.Size([1, 2]), function=torch.nn.functional.relu)
state = {'optimizer': optimizer.state_dict(), 'lr_scheduler': schedule.state_dict(), 'epoch': 3}
checkpoints = {
    'imagenet': {'arch': 'net', 'state_dict': prefixed('module.', plain), 'best_acc1': torch.tensor(71.2), **state},
    'reference': {'model': plain, 'args': args, 'model_ema': {**prefixed('module.', average), 'n_averaged': torch.tensor(5)},
                  'scaler': {'scale': 65536., '_growth_tracker': 0}, **state},
    'averaged': torch.optim.swa_utils.AveragedModel(net).state_dict(),
    'parameters': {'model': {**dict(net.named_parameters()), **dict(net.named_buffers())}},
    'words': {'state_dict': Words(plain)},
    'default': {'model': collections.defaultdict(list, plain)},
    'objects': {'state_dict': plain, 'set': {1, 2}, 'frozen': frozenset([3]), 'range': range(3), 'dots': ..., 'complex': 1j,
                'bytes': b'abc', 'bytearray': bytearray(b'x' * 300), 'large': 10 ** 40, 'negative': -10 ** 9,
                'counter': collections.Counter('abca'), 'class': int, 'function': len, 'array': np.arange(3),
                'scalar': np.float64(.7), 'random': np.random.RandomState(0).get_state(), 'rng': torch.get_rng_state(),
                'deque': collections.deque([1, 2])},
    'tensors': {'state_dict': plain, 'complex': torch.ones(2, dtype=torch.complex64), 'sparse': torch.eye(2).to_sparse(),
                'quantised': torch.quantize_per_tensor(torch.ones(2), .1, 0, torch.qint8), 'storage': torch.FloatStorage(3)},
    'twice': {'model': plain, 'net': {k: v.double() for k, v in plain.items()}},
    'module': {'state_dict': plain, 'model': net, 'loss': torch.nn.MSELoss()},
}
torch.save(plain, f'{folder}/plain.pth')
for name, checkpoint in checkpoints.items():
    for protocol in range(1, 6):
        for archive in (True, False):
            torch.save(checkpoint, f'{folder}/{name}_{protocol}_{"zip" if archive else "legacy"}.pth', pickle_protocol=protocol,
                       _use_new_zipfile_serialization=archive)
