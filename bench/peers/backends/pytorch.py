"""PyTorch, eager or compiled by TorchInductor."""

from __future__ import annotations

import importlib
from contextlib import AbstractContextManager
from typing import Any

import torch

from bench.peers.backends.base import Backend
from bench.peers.backends.torch_experts import Experts
from bench.peers.backends.torch_model import Model, arguments
from bench.peers.inputs import Arrays
from bench.peers.workload import Workload


class Runtime(Backend):
    """`mode` is `eager` or `compile`."""

    has_experts = True

    def __init__(self, threads: int, mode: str = "eager"):
        super().__init__(threads)
        self.compiled = mode == "compile"
        torch.set_num_threads(threads)
        if self.compiled:
            importlib.import_module("torch._dynamo")
            config: Any = importlib.import_module("torch._inductor.config")
            config.freezing = True  # the weights are constants, which it rearranges
            config.force_disable_caches = True

    def unsupported(self, workload: Workload) -> str:
        """See `Backend`."""
        return "which experts run depends on data" if self.compiled and workload.kind == "experts" else ""

    def prepare(self, workload: Workload, arrays: Arrays) -> None:
        """See `Backend`."""
        kind = Experts if workload.kind == "experts" else Model
        model, self.arguments = kind(workload, arrays).eval(), arguments(arrays)
        self.model: Any = torch.compile(model, fullgraph=True, dynamic=False) if self.compiled else model

    def run(self) -> None:
        """See `Backend`."""
        with self._no_gradients():
            self.result = self.model(*self.arguments)

    def _no_gradients(self) -> AbstractContextManager[Any]:
        # Freezing does not know inference mode.
        return torch.no_grad() if self.compiled else torch.inference_mode()

    def outputs(self) -> Arrays:
        """See `Backend`."""
        rows = [cache[0, :, -1].numpy() for cache in self.arguments[1:]]
        return {"y": self.result.numpy(), **dict(zip(("k_new", "v_new"), rows, strict=False))}
