"""The workloads as graphs of ggml. Sizes are written innermost first there."""

from __future__ import annotations

import numpy as np

from bench.peers.backends.ggml_library import Ggml
from bench.peers.inputs import EPS, NORMS, Arrays
from bench.peers.workload import Workload

NEOX = 2
"""The mode of the rotation whose pairs are half a head apart."""

FLOAT = 4
"""Bytes of an element."""


class GgmlGraph:
    """A graph under construction. Weights are held `[out, in]`; a cache gets its new row by a copy in the graph."""

    def __init__(self, workload: Workload, arrays: Arrays, flash: bool):
        self.workload, self.arrays, self.flash = workload, arrays, flash
        self.ggml = Ggml(sum(array.nbytes for array in arrays.values()))
        self.node, self.tensor = self.ggml.node, self.ggml.tensor
        self.graph = self.ggml.call("ggml_new_graph", self.ggml.described)
        self.weights = {name: self.tensor(arrays[name].T) for name in workload.weight_shapes}
        self.norms = {name: self.tensor(arrays[name]) for name in NORMS if name in arrays}
        start = workload.total - workload.tokens
        self.positions = self.tensor(np.arange(start, workload.total, dtype=np.int32))
        self.mask = self._mask() if workload.tokens > 1 and workload.kind != "matmul" else None
        self.k_cache = self.v_cache = 0

    def build(self) -> int:
        """The result."""
        x = self.tensor(self.arrays["x"])
        if self.workload.kind == "matmul":
            result = self.linear(x, "w")
        else:
            result = self.layer(x) if self.workload.has_mlp else self.attention(x)
        self._expand(result)
        return result

    def layer(self, x: int) -> int:
        """A whole layer."""
        y = self.node("add", self.linear(self.attention(self.norm(x, "n1")), "wo"), x)
        normed = self.norm(y, "n2")
        gated = self.node("swiglu_split", self.linear(normed, "wg"), self.linear(normed, "wu"))
        return self.node("add", self.linear(gated, "wd"), y)

    def attention(self, x: int) -> int:
        """Projections, rope and attention."""
        q, k = self.heads(self.linear(x, "wq"), self.workload.heads), self.heads(self.linear(x, "wk"))
        v = k if self.workload.k_eq_v else self.heads(self.linear(x, "wv"))
        q, k = self.heads_first(self.rotated(q)), self.heads_first(self.rotated(k))
        if self.workload.kind == "decode":
            k, v = self._appended(k, v)
        elif self.flash:
            v = self.heads_first(v)
        else:
            v = self.node("cont", self.node("permute", v, 1, 2, 0, 3))
        return self.fused(q, k, v) if self.flash else self.by_scores(q, k, v)

    def fused(self, q: int, k: int, v: int) -> int:
        """The fused attention."""
        context = self.node("flash_attn_ext", q, k, v, self.mask, self.workload.scale, 0.0, self.workload.softcap)
        return self.node("reshape_2d", context, self.workload.q_features, self.workload.tokens)

    def by_scores(self, q: int, k: int, v: int) -> int:
        """Attention by matmuls; `v` is transposed."""
        scores, scale, softcap = self.node("mul_mat", k, q), self.workload.scale, self.workload.softcap
        if softcap:
            scores = self.node("scale", self.node("tanh", self.node("scale", scores, scale / softcap)), softcap)
            scale = 1.0
        weights = self.node("soft_max_ext", scores, self.mask, scale, 0.0)
        context = self.heads_first(self.node("mul_mat", v, weights))
        return self.node("cont_2d", context, self.workload.q_features, self.workload.tokens)

    def heads(self, x: int, count: int = 0) -> int:
        """`[tokens, heads, head_dim]`; the key/value heads if no count is given."""
        return self.node("reshape_3d", x, self.workload.head_dim, count or self.workload.kv_heads, self.workload.tokens)

    def heads_first(self, x: int) -> int:
        """Heads and tokens exchanged, without a copy."""
        return self.node("permute", x, 0, 2, 1, 3)

    def rotated(self, x: int) -> int:
        """Rotated by the positions of the tokens."""
        n_rot, theta = self.workload.n_rot, self.workload.theta
        return self.node("rope_ext", x, self.positions, None, n_rot, NEOX, 0, theta, 1.0, 0.0, 1.0, 32.0, 1.0)

    def linear(self, x: int, name: str) -> int:
        """`x . weight`."""
        return self.node("mul_mat", self.weights[name], x)

    def norm(self, x: int, gain: str) -> int:
        """An RMS norm."""
        return self.node("mul", self.node("rms_norm", x, EPS), self.norms[gain])

    def _appended(self, k: int, v: int) -> tuple[int, int]:
        """Write the new rows into the caches. Unless attention is fused, that of V is kept transposed."""
        kv, cache, dim = self.workload.kv_heads, self.workload.cache, self.workload.head_dim
        row = (dim, 1, kv, dim * FLOAT, dim * cache * FLOAT, (cache - 1) * dim * FLOAT)
        self.k_cache = self.tensor(self.arrays["kc"])
        self._expand(self.node("cpy", k, self.node("view_3d", self.k_cache, *row)))
        if self.flash:
            self.v_cache = self.tensor(self.arrays["vc"])
            self._expand(self.node("cpy", self.heads_first(v), self.node("view_3d", self.v_cache, *row)))
        else:
            self.v_cache = self.tensor(self.arrays["vc"].transpose(0, 2, 1))
            column = (1, dim, kv, cache * FLOAT, dim * cache * FLOAT, (cache - 1) * FLOAT)
            new = self.node("reshape_3d", v, 1, dim, kv)
            self._expand(self.node("cpy", new, self.node("view_3d", self.v_cache, *column)))
        return self.k_cache, self.v_cache

    def _mask(self) -> int:
        """The causal mask to be added."""
        visible = np.tri(self.workload.tokens, self.workload.total) > 0
        return self.tensor(np.where(visible, 0, -np.inf).astype(np.float16 if self.flash else np.float32))

    def _expand(self, node: int) -> None:
        """Make a node, and what it needs, part of the graph."""
        self.ggml.call("ggml_build_forward_expand", self.graph, node, result=None)
