"""The caches of a decoder: which states its program has, and which layer has which."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.models.config import AttentionConfig, DecoderConfig
from rlxc.stages import KvCache


@dataclass(frozen=True)
class CacheState:
    """A state `[B, capacity, features]`; with a `window`, only as many of its rows are needed."""

    name: str
    features: int
    window: int | None

    holds_both: bool = False
    """Whether K and V are this one tensor."""

    @property
    def capacity(self) -> str:
        """The name of the size of its second axis."""
        return "C" if self.window is None else "W"


def cache_of(attention: AttentionConfig) -> KvCache:
    """The cache of a layer, by its names within it. Where K is V times a gain, one state holds both.

    If other layers attend to it, it holds them apart: the gain is a weight of this layer.
    """
    row = "position" if attention.window is None else "window_position"
    if one_serves_as_both(attention):
        return KvCache("kv", None, row)
    return KvCache("k", "v", row)


def one_serves_as_both(attention: AttentionConfig) -> bool:
    """Whether K and V differ by gain and rotation only."""
    return attention.k_eq_v and attention.qk_norm == attention.v_norm and not attention.caches_both


def state_names(config: DecoderConfig, number: int) -> dict[str, str]:
    """The states of the layer of a number, perhaps those of an earlier one: name within the layer -> in the flow."""
    cache = cache_of(config.layers[number].attention)
    names = (cache.k,) if cache.v is None else (cache.k, cache.v)
    return {name: f"{name}_{config.cache_layer(number)}" for name in names}


def cache_states(config: DecoderConfig) -> tuple[CacheState, ...]:
    """The states of all layers that have some, in order."""
    return tuple(
        CacheState(name, features(layer.attention), layer.attention.window, one_serves_as_both(layer.attention))
        for number, layer in enumerate(config.layers)
        if not layer.attention.borrows_kv
        for name in state_names(config, number).values()
    )


def features(attention: AttentionConfig) -> int:
    """The components of all heads of K, and of V."""
    return attention.num_kv_heads * attention.head_dim
