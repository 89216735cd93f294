"""An installed network from Python, by ctypes and NumPy alone: no build step, no copies, the GIL released.

    python3 rescast_network.py PREFIX/lib/libdigits.so PREFIX/share/digits/digits.weights three.pgm

    with Network("libdigits.so", "digits.weights", threads=2) as net:
        scores = net(image)    # any array of the input's shape: uint8, float16 …, channels first or a view that has them first

A network may be called on one thread at a time; networks of several threads run at the same time, since ctypes releases
the GIL while it calls. The array's own memory is read, whatever its strides; the scores are written into a new array or out."""

from __future__ import annotations

import ctypes as c
import os
import re
import sys
from types import TracebackType
from typing import Any, Optional, Sequence, Union

import numpy as np

ABI = 9
PLANAR = 0
ELEMENTS = {"float32": 0, "float16": 1, "int8": 3, "uint8": 4, "int32": 5, "uint16": 6, "int16": 7, "float64": 8}


class Weights(c.Structure):
    """struct rescast_weights: room for it, at least."""
    _fields_ = [("room", c.c_uint64 * 32)]


class Config(c.Structure):
    _fields_ = [("threads", c.c_int), ("target", c.c_char_p), ("check", c.c_int), ("parallel_for", c.c_void_p),
                ("user", c.c_void_p), ("device", c.c_int), ("pin", c.c_int), ("first_core", c.c_int), ("pool", c.c_void_p)]


class Info(c.Structure):
    """The beginning of struct rescast_info, up to the labels."""
    _fields_ = [("abi", c.c_int), ("name", c.c_char_p), ("version", c.c_char_p), ("target", c.c_char_p),
                ("targets", c.POINTER(c.c_char_p)), ("precision", c.c_char_p), ("batch", c.c_int),
                ("input_rank", c.c_int), ("output_rank", c.c_int), ("input_shape", c.c_int * 4),
                ("output_shape", c.c_int * 4), ("arena_bytes", c.c_size_t), ("weights_bytes", c.c_size_t),
                ("weights_data_bytes", c.c_size_t), ("network", c.c_uint64), ("output_is_probability", c.c_int),
                ("outlier_limit_at", c.c_size_t), ("input_means", c.c_int), ("input_stds", c.c_int),
                ("scale", c.c_float), ("mean", c.POINTER(c.c_float)), ("std", c.POINTER(c.c_float)),
                ("resize", c.c_int * 2), ("interpolation", c.c_int), ("labels", c.POINTER(c.c_char_p)),
                ("label_count", c.c_int)]


class Elements(c.Structure):
    _fields_ = [("data", c.c_void_p), ("element", c.c_int), ("layout", c.c_int), ("strides", c.POINTER(c.c_ssize_t)),
                ("prepare", c.c_int)]


def _shape(batch: int, rank: int, extents: Sequence[int]) -> tuple[int, ...]:
    """(N, C, D, H, W), (N, C, H, W) or (N, C), as the library's number of spatial axes says."""
    return (batch, extents[0], *(extents[4 - rank:] if rank else ()))


class Network:
    """A context with its weights and arena. close() or the end of a with statement frees them."""

    def __init__(self, library: Union[str, os.PathLike[str]], weights: Union[str, os.PathLike[str]], threads: int = 1) -> None:
        self._net: Optional[Any] = None
        self._weights: Optional[Weights] = None
        self._arena: Optional[int] = None
        path = os.fspath(library)
        self._lib = lib = c.CDLL(path)
        name = re.sub(r"^lib|\.so.*$", "", os.path.basename(path))
        lib.rescast_strerror.restype = c.c_char_p
        lib.rescast_arena_alloc.restype = c.c_void_p
        lib.rescast_arena_alloc.argtypes = [c.c_size_t]
        lib.rescast_arena_free.argtypes = [c.c_void_p, c.c_size_t]
        if lib.rescast_abi() != ABI:
            raise ImportError(f"{path} has ABI {lib.rescast_abi()}; this file is for {ABI}")
        info, bytes_ = self._function(name, "info"), self._function(name, "context_bytes")
        info.restype, bytes_.restype = c.POINTER(Info), c.c_size_t
        self.info: Info = info().contents
        i = self.info
        self.input_shape = _shape(i.batch, i.input_rank, i.input_shape)
        self.output_shape = _shape(i.batch, i.output_rank, i.output_shape)
        self.labels: list[str] = [i.labels[k].decode() for k in range(i.label_count)]
        self._run, self._free = self._function(name, "run_elements"), self._function(name, "free")
        w = Weights()
        self._check(self._function(name, "weights_map")(c.byref(w), os.fsencode(weights)))
        self._weights = w
        self._arena = lib.rescast_arena_alloc(i.arena_bytes)
        if not self._arena:
            self.close()
            raise MemoryError(f"{i.arena_bytes} bytes for an arena")
        net = c.create_string_buffer(bytes_() + 64)
        error = self._function(name, "init")(net, c.byref(w), c.c_void_p(self._arena), c.c_size_t(i.arena_bytes),
                                             c.byref(Config(threads=threads)))
        if error:
            self.close()
        self._check(error)
        self._net = net

    def _function(self, name: str, function: str) -> Any:
        return getattr(self._lib, f"{name}_{function}")

    def _check(self, error: int) -> None:
        if error:
            raise RuntimeError(self._lib.rescast_strerror(error).decode())

    def __call__(self, x: np.ndarray, out: Optional[np.ndarray] = None, prepare: bool = True) -> np.ndarray:
        """The output for x, of input_shape or without its N. prepare: by the network's scale, mean and std."""
        if self._net is None:
            raise ValueError("the network is closed")
        if x.shape not in (self.input_shape, self.input_shape[1:]) or (x.ndim < len(self.input_shape) and self.info.batch > 1):
            raise ValueError(f"the shape {x.shape}; allowed: {self.input_shape}")
        if x.dtype.name not in ELEMENTS or not x.dtype.isnative:
            raise TypeError(f"elements {x.dtype}; allowed: {', '.join(ELEMENTS)}")
        y = np.empty(self.output_shape, np.float32) if out is None else out
        if y.shape != self.output_shape or y.dtype != np.float32 or not y.flags.c_contiguous or not y.flags.writeable:
            raise ValueError(f"out: allowed: contiguous float32 of {self.output_shape}")
        s = list(x.strides) if x.ndim == len(self.input_shape) else [0, *x.strides]
        five = [s[0], s[1], *([0] * (6 - len(s) - 1)), *s[2:]] if len(s) < 5 else s
        e = Elements(x.ctypes.data, ELEMENTS[x.dtype.name], PLANAR, (c.c_ssize_t * 5)(*five), int(prepare))
        self._check(self._run(self._net, c.byref(e), y.ctypes.data_as(c.c_void_p)))
        return y

    def close(self) -> None:
        if self._net is not None:
            self._free(self._net)
        if self._arena:
            self._lib.rescast_arena_free(self._arena, self.info.arena_bytes)
        if self._weights is not None:
            self._lib.rescast_weights_unmap(c.byref(self._weights))
        self._net = self._arena = self._weights = None

    def __enter__(self) -> Network:
        return self

    def __exit__(self, kind: Optional[type[BaseException]], value: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.close()


def read_pgm(path: str) -> np.ndarray:
    """The pixels of a binary PGM file, (1, H, W), in the file's own memory."""
    data = np.fromfile(path, np.uint8)
    head = re.match(rb"P5\s+(\d+)\s+(\d+)\s+255\s", data[:64].tobytes())
    if not head or data.size - head.end() != int(head[1]) * int(head[2]):
        raise ValueError(f"{path}: not a binary PGM file of bytes")
    return data[head.end():].reshape(1, int(head[2]), int(head[1]))


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("rescast_network.py LIBRARY WEIGHTS IMAGE.pgm")
    with Network(sys.argv[1], sys.argv[2]) as network:
        scores = network(read_pgm(sys.argv[3]))
        print(network.labels[int(scores[0].argmax())])
