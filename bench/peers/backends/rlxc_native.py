"""rlxc, through its public interface."""

from __future__ import annotations

from typing import cast

import numpy as np

import rlxc
from bench.peers.backends.base import Backend
from bench.peers.backends.rlxc_experts import expert_weights, experts_module
from bench.peers.backends.rlxc_programs import decode_module, flow_of
from bench.peers.inputs import CACHES, Array, Arrays
from bench.peers.workload import Workload


class Runtime(Backend):
    """The target `native`. The caches of a decode step are `[1, cache, kv_heads * head_dim]`, and written in place."""

    has_experts = True

    def prepare(self, workload: Workload, arrays: Arrays) -> None:
        """See `Backend`."""
        self.workload = workload
        self.inputs: list[Array | int] = [arrays["x"][None]]
        if workload.kind == "decode":
            self.function = rlxc.compile(decode_module(workload), "native", weights=arrays, threads=self.threads)
            self.caches = [side_by_side(arrays[name]) for name in CACHES]
            self.inputs += [*self.caches, workload.cache - 1]
        elif workload.kind == "experts":
            weights = expert_weights(workload, arrays)
            self.function = rlxc.compile(experts_module(workload), "native", weights=weights, threads=self.threads)
        else:
            self.function = rlxc.compile(flow_of(workload, arrays), "native", threads=self.threads)

    def run(self) -> None:
        """See `Backend`."""
        self.result = cast(Array, self.function(*self.inputs))

    def outputs(self) -> Arrays:
        """See `Backend`."""
        outputs = {"y": self.result[0]}
        if self.workload.kind == "decode":
            rows = (cache[0, -1].reshape(self.workload.kv_heads, -1) for cache in self.caches)
            outputs |= dict(zip(("k_new", "v_new"), rows, strict=True))
        return outputs


def side_by_side(cache: Array) -> Array:
    """`[kv_heads, cache, head_dim]` as `[1, cache, kv_heads * head_dim]`."""
    return np.ascontiguousarray(cache.transpose(1, 0, 2)).reshape(1, cache.shape[1], -1)
