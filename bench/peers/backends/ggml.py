"""llama.cpp: the graph that it would build, on its tensor library."""

from __future__ import annotations

import ctypes

import numpy as np

from bench.peers.backends.base import Backend
from bench.peers.backends.ggml_graph import GgmlGraph
from bench.peers.inputs import Arrays
from bench.peers.workload import Workload


class Runtime(Backend):
    """`attention` is `scores` for a softmax of stored scores, `flash` for its fused attention."""

    def __init__(self, threads: int, attention: str = "scores"):
        super().__init__(threads)
        self.flash = attention == "flash"

    def unsupported(self, workload: Workload) -> str:
        """See `Backend`."""
        return "the same as llama.cpp" if self.flash and workload.kind == "matmul" else ""

    def prepare(self, workload: Workload, arrays: Arrays) -> None:
        """See `Backend`."""
        self.graph = GgmlGraph(workload, arrays, self.flash)
        self.result = self.graph.build()
        call = self.graph.ggml.call
        allocator = call("ggml_gallocr_new", call("ggml_backend_cpu_buffer_type"))
        if not call("ggml_gallocr_alloc_graph", allocator, self.graph.graph, result=ctypes.c_bool):
            raise MemoryError("ggml cannot allocate the graph")
        self.backend = call("ggml_backend_cpu_init")
        call("ggml_backend_cpu_set_n_threads", self.backend, self.threads, result=None)

    def run(self) -> None:
        """See `Backend`."""
        graph = self.graph
        if graph.ggml.call("ggml_backend_graph_compute", self.backend, graph.graph, result=ctypes.c_int):
            raise RuntimeError("ggml_backend_graph_compute failed")

    def outputs(self) -> Arrays:
        """See `Backend`."""
        graph, workload = self.graph, self.graph.workload
        outputs = {"y": graph.ggml.array(self.result, (workload.tokens, workload.out_features))}
        if workload.kind == "decode":
            shape = (workload.kv_heads, workload.cache, workload.head_dim)
            outputs["k_new"] = graph.ggml.array(graph.k_cache, shape)[:, -1]
            if self.flash:
                outputs["v_new"] = graph.ggml.array(graph.v_cache, shape)[:, -1]
            else:
                transposed = graph.ggml.array(graph.v_cache, (shape[0], shape[2], shape[1]))
                outputs["v_new"] = np.ascontiguousarray(transposed[:, :, -1])
        return outputs
