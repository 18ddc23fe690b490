"""What a self-attention is: heads, weights, rope, mask."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Literal

from rlxc.diagnostics import RlxcError
from rlxc.dialects.rlx import RopeStyle
from rlxc.stages.checks import choice, require_instance, require_key_name, require_positive, require_real
from rlxc.stages.kv_cache import KvCache
from rlxc.stages.masks import Mask, mask_parts

NAME = "SelfAttnPrefillSpec"
NORM_KEYS = ("q_norm_key", "k_norm_key")
BIAS_KEYS = ("q_bias_key", "k_bias_key", "v_bias_key")

RopeStyleName = Literal["half", "interleaved", "none"]


class Rotation(Enum):
    """What `rope_style` may be."""

    HALF = RopeStyle.HALF.value
    INTERLEAVED = RopeStyle.INTERLEAVED.value
    NONE = "none"


@dataclass(frozen=True)
class SelfAttnPrefillSpec:
    """The self-attention of a layer, without the output projection.

    The projection weights are stored `[heads * head_dim, features]`. Query head `h` reads
    key/value head `h // (num_heads / num_kv_heads)`. Without a `cache`, the input is the whole sequence; with one,
    it is what follows the positions in the cache. Raises RlxcError if the fields do not fit together.
    """

    q_key: str
    k_key: str | None
    """None if the cache is that of an earlier layer, which has appended K and V for these positions."""
    v_key: str | None
    """The key of V's weight; not read if `k_eq_v`, None if `k_key` is."""
    num_heads: int
    head_dim: int
    num_kv_heads: int
    n_rot: int | None = None
    """How many components of each head are rotated, `head_dim` if None."""
    rope_table: str | None = None
    """The name given to `NamedRopeTables`; None for the tables of `RopeTables`."""
    rope_style: RopeStyleName = "half"
    """Which components are rotated together: `(i, i + n_rot/2)` or `(2i, 2i + 1)`; with `none`, none are."""
    k_eq_v: bool = False
    """V is the projection of K, before norm and rope."""
    mask: Mask = "causal"
    score_scale: float | None = None
    """The factor of the scores, `head_dim ** -0.5` if None."""
    attn_logit_softcap: float | None = None
    """`scores = cap * tanh(scores / cap)`, before the mask."""
    q_norm_key: str | None = None
    k_norm_key: str | None = None
    """RMS norms of each head of Q and K, before rope; weights `[head_dim]`."""
    v_norm: bool = False
    """An RMS norm without weight of each head of V."""
    norm_eps: float = 1e-6
    norm_offset: float = 0.0
    """Added to the weights of the q and k norms (Gemma 2 and 3: 1)."""
    bias: bool = False
    """The projections have biases, under the keys of the weights with `.bias` for `.weight`."""
    q_bias_key: str | None = None
    k_bias_key: str | None = None
    v_bias_key: str | None = None
    """Biases under other keys."""
    cache: KvCache | None = None

    def __post_init__(self) -> None:
        self._check_keys()
        self._check_heads()
        self._check_rope()
        mask_parts(self.mask)
        if self.score_scale is not None:
            require_real(NAME, "score_scale", self.score_scale)
        if self.attn_logit_softcap is not None:
            require_real(NAME, "attn_logit_softcap", self.attn_logit_softcap)
            if self.attn_logit_softcap <= 0:
                raise RlxcError(f"{NAME}: attn_logit_softcap must be positive, got {self.attn_logit_softcap}")
        require_real(NAME, "norm_eps", self.norm_eps, least=0.0)
        require_real(NAME, "norm_offset", self.norm_offset)
        if self.cache is not None:
            require_instance(NAME, "cache", self.cache, KvCache)
            self._check_shared_cache(self.cache)

    @staticmethod
    def hf_layer(
        prefix: str, num_heads: int, head_dim: int, num_kv_heads: int | None = None, **overrides: Any
    ) -> SelfAttnPrefillSpec:
        """The attention of a Hugging Face layer such as `model.layers.0`; `num_kv_heads` is `num_heads` if None.

        `overrides` are further fields.
        """
        spec = SelfAttnPrefillSpec(
            q_key=f"{prefix}.self_attn.q_proj.weight",
            k_key=f"{prefix}.self_attn.k_proj.weight",
            v_key=f"{prefix}.self_attn.v_proj.weight",
            num_heads=num_heads,
            head_dim=head_dim,
            num_kv_heads=num_heads if num_kv_heads is None else num_kv_heads,
        )
        return replace(spec, **overrides)

    @property
    def has_rope(self) -> bool:
        """Whether Q and K are rotated."""
        return self.rope_style != "none"

    @property
    def rotated(self) -> int:
        """`n_rot` with its default filled in."""
        return self.head_dim if self.n_rot is None else self.n_rot

    @property
    def group(self) -> int:
        """How many query heads share one key/value head."""
        return self.num_heads // self.num_kv_heads

    @property
    def borrows_kv(self) -> bool:
        """Whether K and V are those of an earlier layer."""
        return self.k_key is None

    def with_n_rot(self, n_rot: int) -> SelfAttnPrefillSpec:
        """A copy that rotates the first `n_rot` components of each head."""
        return replace(self, n_rot=n_rot)

    def with_rope_table(self, name: str | None) -> SelfAttnPrefillSpec:
        """A copy that takes the rope tables called `name`."""
        return replace(self, rope_table=name)

    def with_rope_style(self, style: RopeStyleName) -> SelfAttnPrefillSpec:
        """A copy with another pairing of the rotation."""
        return replace(self, rope_style=style)

    def with_k_eq_v(self, k_eq_v: bool = True) -> SelfAttnPrefillSpec:
        """A copy whose V is the projection of K."""
        return replace(self, k_eq_v=k_eq_v)

    def with_mask(self, mask: Mask) -> SelfAttnPrefillSpec:
        """A copy with another mask."""
        return replace(self, mask=mask)

    def _check_keys(self) -> None:
        require_key_name(NAME, "q_key", self.q_key)
        for field in ("k_key", "v_key", "rope_table", *NORM_KEYS, *BIAS_KEYS):
            require_key_name(NAME, field, getattr(self, field), optional=True)
        if self.borrows_kv:
            self._check_borrowed()
        elif self.v_key is None and not self.k_eq_v:
            raise RlxcError(f"{NAME}: v_key is None", hint="name the weight of V, or set k_eq_v=True")
        if self.bias:
            for field in ("q", "k", "v"):
                self.bias_key(field)

    def _check_borrowed(self) -> None:
        """K and V of an earlier layer are in its cache, and nothing is done to them."""
        if self.cache is None or self.cache.v is None:
            raise RlxcError(f"{NAME}: k_key is None, but no cache holds K and V", hint="give cache=KvCache(k, v)")
        for field in ("v_key", "k_norm_key", "k_bias_key", "v_bias_key", "k_eq_v", "v_norm"):
            if getattr(self, field):
                raise RlxcError(f"{NAME}: {field} is given, but K and V are those of an earlier layer")

    def _check_heads(self) -> None:
        for field in ("num_heads", "head_dim", "num_kv_heads"):
            require_positive(NAME, field, getattr(self, field))
        if self.num_heads % self.num_kv_heads:
            raise RlxcError(
                f"{NAME}: num_heads = {self.num_heads} is not a multiple of num_kv_heads = {self.num_kv_heads}"
            )

    def _check_rope(self) -> None:
        choice(NAME, "rope_style", Rotation, self.rope_style)
        if not self.has_rope:
            if self.n_rot is not None or self.rope_table is not None:
                raise RlxcError(f"{NAME}: rope_style is 'none', but there is an n_rot or a rope_table")
            return
        require_positive(NAME, "n_rot", self.rotated)
        if self.rotated % 2:
            raise RlxcError(f"{NAME}: n_rot must be even, got {self.rotated}", hint="give n_rot")
        if self.rotated > self.head_dim:
            raise RlxcError(f"{NAME}: n_rot = {self.rotated} is more than head_dim = {self.head_dim}")

    def _check_shared_cache(self, cache: KvCache) -> None:
        """One cache serves as K and V if K is V times a gain, before the rotation."""
        gains_alone_differ = self.v_norm == (self.k_norm_key is not None) and not self.norm_offset
        if cache.v is None and not (self.k_eq_v and gains_alone_differ):
            raise RlxcError(
                f"{NAME}: the cache '{cache.k}' cannot hold both K and V, which are different values",
                hint="name a state for V too: KvCache(k, v)",
            )

    def bias_key(self, projection: str) -> str | None:
        """The key of the bias of projection `q`, `k` or `v`, None if it has none."""
        explicit: str | None = getattr(self, f"{projection}_bias_key")
        weight: str | None = getattr(self, f"{projection}_key")
        if explicit is not None or not self.bias or weight is None:
            return explicit
        if not weight.endswith(".weight"):
            raise RlxcError(
                f"{NAME}: bias is set, but {projection}_key '{weight}' does not end in '.weight'",
                hint=f"name the bias in {projection}_bias_key",
            )
        return f"{weight.removesuffix('.weight')}.bias"
