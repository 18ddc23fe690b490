"""The backends by name. A backend's module is imported only in the process that runs it."""

from __future__ import annotations

from typing import cast

from bench.generation.backends.base import Backend
from bench.peers.backends import BACKENDS as PEERS
from bench.peers.backends import Entry, started

LLAMA_CPP = ("llama_cpp", "diskcache"), ("llama-cpp-python",)

BACKENDS = {
    "rlxc": Entry("rlxc_model", "rlxc.load_model, target native", PEERS["rlxc"].modules, PEERS["rlxc"].packages),
    "transformers": Entry(
        "transformers_model", "transformers on PyTorch", ("torch", "transformers"), ("torch", "transformers")
    ),
    "llama.cpp": Entry("llama_cpp_model", "llama.cpp", *LLAMA_CPP),
    "llama.cpp-flash": Entry("llama_cpp_model", "llama.cpp, flash attention", *LLAMA_CPP, {"attention": "flash"}),
}


def make(name: str, threads: int) -> Backend:
    """A backend. Imports what it needs."""
    return cast(Backend, started(BACKENDS[name], "bench.generation.backends", threads))
