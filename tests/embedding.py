"""The Python example beside what it promises: arrays of any type and strides give the same scores, others are refused, threads run
at the same time. EXAMPLE PREFIX IMAGE"""
import os
import sys
import threading

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import numpy as np  # noqa: E402
from rescast_network import Network, read_pgm  # noqa: E402

LIBRARY = os.path.join(sys.argv[2], "lib", "libdigits.so")
WEIGHTS = os.path.join(sys.argv[2], "share", "digits", "digits.weights")


def refused(kind, call):
    try:
        call()
    except kind:
        return
    sys.exit(f"no {kind.__name__}")


image = read_pgm(sys.argv[3])
with Network(LIBRARY, WEIGHTS, threads=2) as net:
    expected = net(image)
    assert expected.shape == (1, 10) and net.labels[int(expected.argmax())] == "3"
    for kind in ("float32", "float16", "uint8", "int32", "uint16", "int16", "float64"):
        assert np.array_equal(net(image.astype(kind)), expected), kind
    wide = np.zeros((8, 16, 3), np.uint8)
    wide[:, ::2, 1] = image[0]
    assert np.array_equal(net(wide[:, ::2, 1][None]), expected)
    assert np.array_equal(net(np.ascontiguousarray(image[:, ::-1, ::-1])[:, ::-1, ::-1][None]), expected)
    out = np.empty((1, 10), np.float32)
    assert net(image, out) is out and np.array_equal(out, expected)
    refused(ValueError, lambda: net(image[:, :7]))
    refused(TypeError, lambda: net(image.astype(np.complex64)))
    refused(ValueError, lambda: net(image, np.empty((1, 10))))
    refused(RuntimeError, lambda: Network(LIBRARY, sys.argv[3]))

wrong = []


def often():
    with Network(LIBRARY, WEIGHTS) as mine:
        wrong.extend(1 for _ in range(200) if not np.array_equal(mine(image), expected))


threads = [threading.Thread(target=often) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
net.close()
refused(ValueError, lambda: net(image))
print("wrong" if wrong else "ok")
