"""ggml, the tensor library of llama.cpp, as the package `llama-cpp-python` brings it."""

from __future__ import annotations

import ctypes
import importlib.util
from pathlib import Path
from typing import Any

import numpy as np

from bench.peers.inputs import Array

FLOAT32 = 0
TYPES = {np.dtype(np.float32): FLOAT32, np.dtype(np.float16): 1, np.dtype(np.int32): 26}
"""The number of each element type in ggml."""

ROOM = 16 * 2**20
"""Bytes for the descriptions of tensors and of the graph."""


class InitParams(ctypes.Structure):
    """`struct ggml_init_params`."""

    _fields_ = (("mem_size", ctypes.c_size_t), ("mem_buffer", ctypes.c_void_p), ("no_alloc", ctypes.c_bool))


class Ggml:
    """Two contexts: one with the memory of inputs and weights, one that describes a graph without memory."""

    def __init__(self, held_bytes: int):
        spec = importlib.util.find_spec("llama_cpp")
        if spec is None or spec.origin is None:
            raise ImportError("llama_cpp has no directory")
        directory = Path(spec.origin).parent / "lib"
        names = ("libggml-base.so", "libggml-cpu.so")
        self.libraries = [ctypes.CDLL(str(directory / name), mode=ctypes.RTLD_GLOBAL) for name in names]
        self.held = self.call("ggml_init", InitParams(held_bytes + ROOM, None, False))
        self.described = self.call("ggml_init", InitParams(ROOM, None, True))

    def call(self, name: str, *arguments: Any, result: Any = ctypes.c_void_p) -> Any:
        """A C function: integers are passed as 64 bits, None and larger ones as pointers."""
        function = next(getattr(library, name) for library in self.libraries if hasattr(library, name))
        function.restype = result
        return function(*map(c_value, arguments))

    def node(self, name: str, *arguments: Any) -> int:
        """A node of the graph: `ggml_NAME`."""
        return self.call(f"ggml_{name}", self.described, *arguments)

    def tensor(self, array: Array) -> int:
        """An array, copied."""
        array = np.ascontiguousarray(array)
        sizes = (*reversed(array.shape), 1, 1, 1)[:3]
        tensor = self.call("ggml_new_tensor_3d", self.held, TYPES[array.dtype], *sizes)
        ctypes.memmove(self.call("ggml_get_data", tensor), array.ctypes.data, array.nbytes)
        return tensor

    def array(self, tensor: int, shape: tuple[int, ...]) -> Array:
        """The elements of a tensor of float32."""
        data = ctypes.cast(self.call("ggml_get_data", tensor), ctypes.POINTER(ctypes.c_float))
        return np.ctypeslib.as_array(data, (int(np.prod(shape)),)).reshape(shape)


def c_value(value: Any) -> Any:
    """A Python value as an argument in C."""
    if isinstance(value, ctypes.Structure):
        return value
    if isinstance(value, float):
        return ctypes.c_float(value)
    if isinstance(value, int) and abs(value) < 2**31:
        return ctypes.c_int64(value)
    return ctypes.c_void_p(value)
