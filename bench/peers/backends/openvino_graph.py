"""The workloads in OpenVINO's own operators, with its fused attention."""

from __future__ import annotations

from typing import Any

import numpy as np
import openvino as ov
import openvino.opset13 as op

from bench.peers.inputs import EPS, Array, Arrays
from bench.peers.workload import Workload


class FusedGraph:
    """An attention, a layer or a decode step under construction."""

    def __init__(self, workload: Workload, arrays: Arrays):
        self.workload, self.arrays = workload, arrays
        self.parameters: list[Any] = []
        self.results: dict[str, Any] = {}

    def model(self) -> Any:
        """The graph."""
        x = self.parameter("x", (self.workload.tokens, self.workload.hidden))
        y = self.layer(x) if self.workload.has_mlp else self.attention(x)
        results: list[Any] = []
        for name, value in {"y": y, **self.results}.items():
            results.append(op.result(value))
            results[-1].output(0).set_names({name})
        return ov.Model(results, self.parameters, "workload")

    def layer(self, x: Any) -> Any:
        """A whole layer."""
        y = op.add(x, self.linear(self.attention(self.norm(x, "n1")), "wo"))
        normed = self.norm(y, "n2")
        gated = op.multiply(op.swish(self.linear(normed, "wg")), self.linear(normed, "wu"))
        return op.add(y, self.linear(gated, "wd"))

    def attention(self, x: Any) -> Any:
        """Projections, rope and attention."""
        workload = self.workload
        q, k = self.heads(self.linear(x, "wq"), workload.heads), self.heads(self.linear(x, "wk"), workload.kv_heads)
        v = k if workload.k_eq_v else self.heads(self.linear(x, "wv"), workload.kv_heads)
        q, k = self.rotated(q), self.rotated(k)
        if workload.kind == "decode":
            k, v = self.appended("k", k), self.appended("v", v)
        mask = np.where(np.tri(workload.tokens, workload.total, workload.total - workload.tokens) > 0, 0, -np.inf)
        context = op.scaled_dot_product_attention(
            q, self.repeated(k), self.repeated(v), constant(mask[None, None]), constant(workload.scale), causal=False
        )
        shape = integers(workload.tokens, workload.heads * workload.head_dim)
        return op.reshape(op.transpose(context, integers(0, 2, 1, 3)), shape, False)

    def appended(self, name: str, new: Any) -> Any:
        """The cache with the new row, which is a result too."""
        workload = self.workload
        self.results[f"{name}_new"] = op.reshape(new, integers(workload.kv_heads, workload.head_dim), False)
        old = self.parameter(f"{name}c", (1, workload.kv_heads, workload.cache - 1, workload.head_dim))
        return op.concat([old, new], 2)

    def repeated(self, x: Any) -> Any:
        """Each key/value head once per query head, in the way that OpenVINO knows as grouped queries."""
        workload = self.workload
        kv, group, total, head_dim = workload.kv_heads, workload.group, workload.total, workload.head_dim
        spread = op.broadcast(op.unsqueeze(x, integers(2)), integers(1, kv, group, total, head_dim))
        return op.reshape(spread, integers(1, workload.heads, total, head_dim), False)

    def heads(self, x: Any, count: int) -> Any:
        """`[1, heads, tokens, head_dim]`."""
        shape = integers(1, self.workload.tokens, count, self.workload.head_dim)
        return op.transpose(op.reshape(x, shape, False), integers(0, 2, 1, 3))

    def rotated(self, x: Any) -> Any:
        """Rotated by the positions of the tokens."""
        half, start = self.workload.n_rot // 2, self.workload.total - self.workload.tokens
        cos, sin = (constant(self.arrays[name][start:][None, None]) for name in ("cos", "sin"))
        sizes = [size for size in (half, half, self.workload.head_dim - 2 * half) if size]
        parts = op.variadic_split(x, integers(-1), integers(*sizes))
        a, b, *rest = (parts.output(index) for index in range(len(sizes)))
        first = op.subtract(op.multiply(a, cos), op.multiply(b, sin))
        return op.concat([first, op.add(op.multiply(b, cos), op.multiply(a, sin)), *rest], -1)

    def norm(self, x: Any, gain: str) -> Any:
        """An RMS norm."""
        mean = op.reduce_mean(op.multiply(x, x), integers(-1), True)
        inverse = op.divide(constant(1.0), op.sqrt(op.add(mean, constant([[EPS]]))))
        return op.multiply(op.multiply(x, inverse), constant(self.arrays[gain][None]))

    def linear(self, x: Any, name: str) -> Any:
        """`x . weight`, the weight held `[out, in]`."""
        return op.matmul(x, constant(self.arrays[name].T), False, True)

    def parameter(self, name: str, shape: tuple[int, ...]) -> Any:
        """An input."""
        parameter = op.parameter(shape, np.float32, name=name)
        parameter.output(0).set_names({name})
        self.parameters.append(parameter)
        return parameter


def constant(value: Any) -> Any:
    """A constant of float32."""
    array: Array = np.ascontiguousarray(np.asarray(value, np.float32))
    return op.constant(array)


def integers(*values: int) -> Any:
    """A list of integers, as shapes and axes are given."""
    return op.constant(np.array(values, np.int64))
