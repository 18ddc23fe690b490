"""What one layer is, with every default filled in: equal layers compare equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rlxc.stages.linear import ActivationName

LayerType = Literal["full_attention", "sliding_attention"]


@dataclass(frozen=True)
class AttentionConfig:
    """Self-attention."""

    type: LayerType
    """Which rope tables it uses."""
    num_heads: int
    num_kv_heads: int
    head_dim: int
    scale: float
    window: int | None = None
    """How many keys a query sees; None for all before it."""
    softcap: float | None = None
    qkv_bias: bool = False
    output_bias: bool = False
    qk_norm: bool = False
    v_norm: bool = False
    k_eq_v: bool = False
    """V is the projection of K."""
    borrows_kv: bool = False
    """It has no K and V of its own, but attends to those of the last layer of its type that has."""
    caches_both: bool = False
    """K and V, which come from one projection, are both cached: later layers attend to them."""


@dataclass(frozen=True)
class MlpConfig:
    """A feed-forward block: gated (`act(gate) * up`), or of two projections."""

    width: int
    activation: ActivationName
    gated: bool = True
    bias: bool = False


@dataclass(frozen=True)
class ExpertsConfig:
    """A mixture of `count` gated feed-forward blocks, of which each token has `top_k`."""

    count: int
    top_k: int
    width: int
    renormalize: bool
    """Whether the weights of the chosen ones sum to one."""
    shared_width: int | None = None
    """The width of one more that all tokens have."""


@dataclass(frozen=True)
class LayerConfig:
    """A layer of a decoder."""

    attention: AttentionConfig
    mlp: MlpConfig
    experts: ExpertsConfig | None = None
    """In place of `mlp`, whose nonlinearity they share; in Gemma 4 beside it."""
