"""What an attention computes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import sha256

from rlxc.dialects.kernel import KernelAttentionOp
from rlxc.dialects.rlx import AttentionOp, MaskKind, RopeStyle
from rlxc.dialects.rlx.base import int_of, shape_of


@dataclass(frozen=True)
class AttentionSpec:
    """The attributes of `rlx.attention`, and which of its optional operands there are."""

    num_heads: int
    num_kv_heads: int
    head_dim: int
    scale: float
    softcap: float | None = None
    mask: MaskKind = MaskKind.NONE
    window: int | None = None
    n_rot: int | None = None
    """Rotated components of a head; None without rope."""
    rope_style: RopeStyle = RopeStyle.HALF
    shared_kv: bool = False
    """Whether the values are the keys, before gain and rotation."""
    padding: bool = False
    bias_heads: int = 0
    """0 without bias, 1 if all heads share it, or else `num_heads`."""
    k_gain: bool = False

    @staticmethod
    def of(op: AttentionOp | KernelAttentionOp) -> AttentionSpec:
        """What an operation computes."""
        return AttentionSpec(
            num_heads=int_of(op.num_heads),
            num_kv_heads=int_of(op.num_kv_heads),
            head_dim=int_of(op.head_dim),
            scale=op.scale_value,
            softcap=None if op.softcap is None else op.softcap.value.data,
            mask=op.mask.kind.data,
            window=op.mask.window_size,
            n_rot=None if op.n_rot is None else int_of(op.n_rot),
            rope_style=op.style,
            shared_kv=op.shares_kv,
            padding=op.padding is not None,
            bias_heads=0 if op.bias is None else shape_of(op.bias)[1],
            k_gain=op.k_gain is not None,
        )

    @property
    def group(self) -> int:
        """How many query heads share a key/value head."""
        return self.num_heads // self.num_kv_heads

    @property
    def features(self) -> int:
        """The width of `q` and `y`."""
        return self.num_heads * self.head_dim

    @property
    def kv_features(self) -> int:
        """The width of `k` and `v`."""
        return self.num_kv_heads * self.head_dim

    @property
    def in_base_two(self) -> bool:
        """Whether scores are kept as exponents of 2, which saves a product each.

        A bias stays as it is: a lowest finite number times log2(e) would overflow.
        """
        return self.bias_heads == 0

    @property
    def score_unit(self) -> float:
        """What a score of 1 is kept as."""
        return math.log2(math.e) if self.in_base_two else 1.0

    @property
    def query_factor(self) -> float:
        """By what queries are multiplied, once, instead of each score."""
        return self.scale * self.score_unit if self.softcap is None else self.scale / self.softcap

    @property
    def adjusts_scores(self) -> bool:
        """Whether anything but the position decides about a score besides query and key."""
        return self.softcap is not None or self.padding or self.bias_heads > 0

    @property
    def prepares_keys(self) -> bool:
        """Whether the keys of the product differ from those given."""
        return self.k_gain or self.n_rot is not None

    @property
    def name(self) -> str:
        """The name of the function: the same for equal attentions only."""
        digest = sha256(repr(self).encode()).hexdigest()[:8]
        return f"rlxc_attention_{self.num_heads}x{self.num_kv_heads}x{self.head_dim}_{digest}"
