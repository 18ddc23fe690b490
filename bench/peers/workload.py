"""A workload: what is computed, and what it costs at least."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Kind = Literal["attention", "layer", "decode", "matmul", "experts"]
"""`attention`: projections, rope and causal attention, heads side by side; no output projection.

`layer`: a whole Llama decoder layer over a sequence. `decode`: that layer for one token, with a cache.
`matmul`: `y = x . w`, of shape `[tokens, intermediate]`. `experts`: a router, and the weighted sum of the experts that
each token chooses, gated feed-forward blocks.
"""

FLOAT_BYTES = 4


@dataclass(frozen=True)
class Workload:
    """Shapes only, in float32 and for one sequence. Weights are stored `[in, out]`."""

    name: str
    kind: Kind
    tokens: int
    hidden: int
    heads: int = 0
    kv_heads: int = 0
    head_dim: int = 0
    n_rot: int = 0
    theta: float = 1e4
    softcap: float = 0.0
    """0 for none."""
    k_eq_v: bool = False
    """V is the projection of K, before rope."""
    intermediate: int = 0
    experts: int = 0
    chosen: int = 0
    """How many experts a token chooses."""
    cache: int = 0
    """The tokens that a decode step attends to, the new one included."""

    @property
    def total(self) -> int:
        """The tokens attended to."""
        return self.cache or self.tokens

    @property
    def group(self) -> int:
        """How many query heads share one key/value head."""
        return self.heads // self.kv_heads

    @property
    def scale(self) -> float:
        """The factor of the scores."""
        return 1.0 / math.sqrt(self.head_dim)

    @property
    def has_mlp(self) -> bool:
        """Whether it is a whole layer: norms, output projection, residuals and feed-forward block."""
        return self.kind in ("layer", "decode")

    @property
    def weight_shapes(self) -> dict[str, tuple[int, int]]:
        """Name -> `[in, out]` of each matrix."""
        if self.kind == "matmul":
            return {"w": (self.hidden, self.intermediate)}
        if self.kind == "experts":
            up, down = (self.hidden, self.experts * self.intermediate), (self.intermediate, self.experts * self.hidden)
            return {"router": (self.hidden, self.experts), "wg": up, "wu": up, "wd": down}
        q, kv = self.q_features, self.kv_heads * self.head_dim
        shapes = {"wq": (self.hidden, q), "wk": (self.hidden, kv)}
        if not self.k_eq_v:
            shapes["wv"] = (self.hidden, kv)
        if self.has_mlp:
            up = (self.hidden, self.intermediate)
            shapes |= {"wo": (q, self.hidden), "wg": up, "wu": up, "wd": (self.intermediate, self.hidden)}
        return shapes

    @property
    def q_features(self) -> int:
        """The width of the queries of all heads."""
        return self.heads * self.head_dim

    @property
    def out_features(self) -> int:
        """The width of the result."""
        return {"attention": self.q_features, "matmul": self.intermediate}.get(self.kind, self.hidden)

    @property
    def flops(self) -> float:
        """Useful operations: matmuls, and the scores and sums of keys that are visible."""
        matmuls = 2.0 * self.tokens * self._weights(self.chosen)
        visible = self.cache if self.kind == "decode" else self.tokens * (self.tokens + 1) / 2
        return matmuls + 4.0 * self.q_features * visible

    @property
    def bytes(self) -> float:
        """Bytes that move at least once: weights, the cache, the input and the result; those of all experts chosen."""
        weights = self._weights(min(self.tokens * self.chosen, self.experts))
        cache = 2 * self.kv_heads * self.head_dim * self.cache
        return FLOAT_BYTES * (weights + cache + self.tokens * (self.hidden + self.out_features))

    def _weights(self, experts: int) -> int:
        """The elements of all weights, or of the router and so many experts."""
        if self.kind == "experts":
            return self.hidden * self.experts + experts * 3 * self.hidden * self.intermediate
        return sum(rows * columns for rows, columns in self.weight_shapes.values())
