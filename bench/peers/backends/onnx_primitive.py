"""The workloads in ONNX's own operators alone."""

from __future__ import annotations

import numpy as np

from bench.peers.backends.onnx_model import OnnxModel
from bench.peers.inputs import EPS


class PrimitiveModel(OnnxModel):
    """Operator set 17. The caches are without the row of the new token, which is joined to them."""

    def attend(self, q: str, k: str, v: str) -> str:
        """See `OnnxModel`."""
        graph, workload = self.graph, self.workload
        kv, head_dim, tokens = workload.kv_heads, workload.head_dim, workload.tokens
        queries, keys, values = self.rotated(self.heads(q)), self.rotated(self.heads(k)), self.heads(v)
        if workload.kind == "decode":
            keys, values = self.appended("k", keys), self.appended("v", values)
        queries = graph.node("Reshape", queries, graph.integers(kv, -1, head_dim))
        scores = graph.node("MatMul", queries, graph.node("Transpose", keys, perm=[0, 2, 1]))
        context = graph.node("MatMul", self.softmax(graph.node("Mul", scores, graph.constant(workload.scale))), values)
        context = graph.node("Reshape", context, graph.integers(workload.heads, tokens, head_dim))
        context = graph.node("Transpose", context, perm=[1, 0, 2])
        return graph.node("Reshape", context, graph.integers(tokens, workload.heads * head_dim))

    def softmax(self, scores: str) -> str:
        """Softcap, causal mask and softmax of `[kv_heads, group * tokens, total]`."""
        graph, workload = self.graph, self.workload
        kv, tokens, total = workload.kv_heads, workload.tokens, workload.total
        if workload.softcap:
            cap = graph.constant(workload.softcap)
            scores = graph.node("Mul", graph.node("Tanh", graph.node("Div", scores, cap)), cap)
        if tokens == 1:
            return graph.node("Softmax", scores, axis=-1)
        scores = graph.node("Reshape", scores, graph.integers(kv, workload.group, tokens, total))
        scores = graph.node("Add", scores, graph.constant(np.where(np.tri(tokens, total) > 0, 0, -np.inf)))
        return graph.node("Reshape", graph.node("Softmax", scores, axis=-1), graph.integers(kv, -1, total))

    def heads(self, x: str) -> str:
        """`[heads, tokens, head_dim]`."""
        shape = self.graph.integers(self.workload.tokens, -1, self.workload.head_dim)
        return self.graph.node("Transpose", self.graph.node("Reshape", x, shape), perm=[1, 0, 2])

    def rotated(self, x: str) -> str:
        """Rotated by the positions of the tokens."""
        graph, workload = self.graph, self.workload
        half, start = workload.n_rot // 2, workload.total - workload.tokens
        cos, sin = graph.constant(self.arrays["cos"][start:]), graph.constant(self.arrays["sin"][start:])
        sizes = [size for size in (half, half, workload.head_dim - 2 * half) if size]
        names = [f"{x}_part{index}" for index in range(len(sizes))]
        a, b, *rest = graph.nodes_of("Split", [x, graph.integers(*sizes)], names, axis=-1)
        first = graph.node("Sub", graph.node("Mul", a, cos), graph.node("Mul", b, sin))
        second = graph.node("Add", graph.node("Mul", b, cos), graph.node("Mul", a, sin))
        return graph.node("Concat", first, second, *rest, axis=-1)

    def appended(self, name: str, new: str) -> str:
        """The cache with the new row, which is an output too."""
        graph, workload = self.graph, self.workload
        graph.nodes_of("Squeeze", [new, graph.integers(1)], [f"{name}_new"])
        self.more_outputs[f"{name}_new"] = (workload.kv_heads, workload.head_dim)
        old = graph.input(f"{name}c", (workload.kv_heads, workload.cache - 1, workload.head_dim))
        return graph.node("Concat", old, new, axis=1)

    def norm(self, x: str, gain: str) -> str:
        """See `OnnxModel`."""
        graph = self.graph
        mean = graph.node("ReduceMean", graph.node("Mul", x, x), axes=[-1], keepdims=1)
        rms = graph.node("Sqrt", graph.node("Add", mean, graph.constant(EPS)))
        return graph.node("Mul", graph.node("Div", x, rms), self.weights[gain])

    def add_and_norm(self, x: str, y: str, gain: str) -> tuple[str, str]:
        """See `OnnxModel`."""
        total = self.graph.node("Add", x, y)
        return total, self.norm(total, gain)
