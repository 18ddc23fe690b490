"""The backends by name. A backend's module is imported only in the process that runs it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import cast

from bench.peers.backends.base import Backend


@dataclass(frozen=True)
class Entry:
    """Where a backend is, and what it needs."""

    module: str
    """The module in this package; its class `Runtime` is made with the number of threads and `options`."""
    about: str
    modules: tuple[str, ...]
    """The Python modules that have to be installed."""
    packages: tuple[str, ...]
    """The packages whose versions are reported."""
    options: dict[str, str] = field(default_factory=dict)


TORCH = ("torch",), ("torch",)
ORT = ("onnxruntime", "onnx"), ("onnxruntime", "onnx")
OPENVINO = ("openvino", "onnx"), ("openvino",)
LLAMA_CPP = ("llama_cpp",), ("llama-cpp-python",)

BACKENDS = {
    "rlxc": Entry(
        "rlxc_native",
        "rlxc, target native",
        ("rlxc", "xdsl", "llvmlite", "mlir.ir"),
        ("rlxc", "xdsl", "llvmlite", "xtc-mlir-python-bindings"),
    ),
    "numpy": Entry("by_hand", "NumPy by hand, heads batched", ("numpy",), ("numpy",)),
    "torch": Entry("pytorch", "PyTorch eager, its fused attention", *TORCH),
    "torch-compile": Entry("pytorch", "torch.compile, frozen weights", *TORCH, {"mode": "compile"}),
    "ort": Entry("onnx_runtime", "ONNX Runtime, primitive operators", *ORT, {"dialect": "primitive"}),
    "ort-gqa": Entry("onnx_runtime", "ONNX Runtime, contrib GroupQueryAttention", *ORT, {"dialect": "contrib"}),
    "openvino": Entry("openvino_cpu", "OpenVINO, primitive operators", *OPENVINO),
    "openvino-sdpa": Entry("openvino_cpu", "OpenVINO, its fused attention", *OPENVINO, {"graph": "fused"}),
    "jax": Entry("xla", "jax.jit (XLA)", ("jax",), ("jax", "jaxlib")),
    "iree": Entry(
        "iree_cpu", "IREE, llvm-cpu, data tiling", ("jax", "iree.compiler", "iree.runtime"), ("iree-base-compiler",)
    ),
    "llama.cpp": Entry("ggml", "ggml of llama.cpp, scores in memory", *LLAMA_CPP),
    "llama.cpp-flash": Entry("ggml", "ggml of llama.cpp, flash attention", *LLAMA_CPP, {"attention": "flash"}),
}


def make(name: str, threads: int) -> Backend:
    """A backend. Imports what it needs."""
    return cast(Backend, started(BACKENDS[name], "bench.peers.backends", threads))


def started(entry: Entry, package: str, threads: int) -> object:
    """The runtime of an entry whose module is in a package."""
    module = importlib.import_module(f"{package}.{entry.module}")
    return module.Runtime(threads, **entry.options)
