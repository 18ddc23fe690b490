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

    @property
    def capacity(self) -> str:
        """The name of the size of its second axis."""
        return "C" if self.window is None else "W"


def cache_of(attention: AttentionConfig, number: int) -> KvCache:
    """The cache of the layer of a number. Where K is V times a gain, one state holds both."""
    row = "position" if attention.window is None else "window_position"
    if one_serves_as_both(attention):
        return KvCache(f"kv_{number}", None, row)
    return KvCache(f"k_{number}", f"v_{number}", row)


def one_serves_as_both(attention: AttentionConfig) -> bool:
    """Whether K and V differ by gain and rotation only."""
    return attention.k_eq_v and attention.qk_norm == attention.v_norm


def cache_states(config: DecoderConfig) -> tuple[CacheState, ...]:
    """The states of all layers, in order."""
    states: list[CacheState] = []
    for number, layer in enumerate(config.layers):
        cache, attention = cache_of(layer.attention, number), layer.attention
        features = attention.num_kv_heads * attention.head_dim
        names = [cache.k] if cache.v is None else [cache.k, cache.v]
        states += [CacheState(name, features, attention.window) for name in names]
    return tuple(states)
