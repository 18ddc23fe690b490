"""The workloads as ONNX models."""

from __future__ import annotations

from abc import ABC, abstractmethod

from bench.peers.backends.onnx_graph import OnnxGraph, Shape
from bench.peers.inputs import EPS, STATE, Arrays
from bench.peers.workload import Workload


class OnnxModel(ABC):
    """A model under construction; the dialects differ in how they say norms and attention."""

    def __init__(self, workload: Workload, arrays: Arrays):
        self.workload, self.arrays = workload, arrays
        self.graph = OnnxGraph()
        named = (name for name in arrays if name not in (*STATE, "cos", "sin"))
        self.weights = {name: self.graph.constant(arrays[name]) for name in named}
        self.more_outputs: dict[str, Shape] = {}

    def serialized(self) -> bytes:
        """The model."""
        workload, graph = self.workload, self.graph
        x = graph.input("x", (workload.tokens, workload.hidden))
        if workload.kind == "matmul":
            result = self.matmul(x, "w")
        elif workload.kind == "attention":
            result = self.attention(x)
        else:
            result = self.layer(x)
        graph.nodes_of("Identity", [result], ["y"])
        return graph.serialized({"y": (workload.tokens, workload.out_features), **self.more_outputs})

    def layer(self, x: str) -> str:
        """A whole layer."""
        graph = self.graph
        projected = self.matmul(self.attention(self.norm(x, "n1")), "wo")
        y, normed = self.add_and_norm(x, projected, "n2")
        gate = self.matmul(normed, "wg")
        gated = graph.node("Mul", graph.node("Mul", gate, graph.node("Sigmoid", gate)), self.matmul(normed, "wu"))
        return graph.node("Add", y, self.matmul(gated, "wd"))

    def attention(self, x: str) -> str:
        """Projections and attention."""
        k = self.matmul(x, "wk")
        v = k if self.workload.k_eq_v else self.matmul(x, "wv")
        return self.attend(self.matmul(x, "wq"), k, v)

    def matmul(self, x: str, weight: str) -> str:
        """`x . weight`."""
        return self.graph.node("MatMul", x, self.weights[weight])

    @abstractmethod
    def attend(self, q: str, k: str, v: str) -> str:
        """Rope and attention of `[tokens, heads * head_dim]`."""

    @abstractmethod
    def norm(self, x: str, gain: str) -> str:
        """An RMS norm."""

    @abstractmethod
    def add_and_norm(self, x: str, y: str, gain: str) -> tuple[str, str]:
        """The sum, and its RMS norm."""


class ContribModel(OnnxModel):
    """The fused operators of ONNX Runtime, `com.microsoft`."""

    def attend(self, q: str, k: str, v: str) -> str:
        """See `OnnxModel`."""
        graph, workload, arrays = self.graph, self.workload, self.arrays
        past = ["", ""]
        if workload.kind == "decode":
            shape = (1, workload.kv_heads, workload.cache, workload.head_dim)
            past = [graph.input("kc", shape), graph.input("vc", shape)]
            self.more_outputs = {"k_present": shape, "v_present": shape}
        lengths = [graph.constant([workload.total - 1], "int32"), graph.constant(workload.total, "int32")]
        batched = [graph.node("Unsqueeze", t, graph.integers(0)) for t in (q, k, v)]
        tables = [graph.constant(arrays["cos"]), graph.constant(arrays["sin"])]
        context, *_ = graph.nodes_of(
            "GroupQueryAttention",
            [*batched, *past, *lengths, *tables],
            ["context", "k_present", "v_present"],
            domain="com.microsoft",
            num_heads=workload.heads,
            kv_num_heads=workload.kv_heads,
            do_rotary=1,
            scale=workload.scale,
            softcap=workload.softcap,
        )
        return graph.node("Squeeze", context, graph.integers(0))

    def norm(self, x: str, gain: str) -> str:
        """See `OnnxModel`."""
        return self.graph.node("SimplifiedLayerNormalization", x, self.weights[gain], axis=-1, epsilon=EPS)

    def add_and_norm(self, x: str, y: str, gain: str) -> tuple[str, str]:
        """See `OnnxModel`."""
        normed, _, _, total = self.graph.nodes_of(
            "SkipSimplifiedLayerNormalization",
            [x, y, self.weights[gain]],
            ["normed", "", "", "total"],
            domain="com.microsoft",
            epsilon=EPS,
        )
        return total, normed
