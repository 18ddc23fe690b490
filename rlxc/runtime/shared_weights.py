"""Weights that several programs of one model read: they are loaded, packed and held once."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event, Lock

from rlxc.native.signature import Panels, Weight
from rlxc.weights.source import Array


@dataclass(frozen=True)
class SharedWeights:
    """The weights that are loaded so far. All programs take them from the same source.

    `tables` are the keys of embeddings that one of the programs multiplies with: the others look rows up in its panels.
    """

    tables: tuple[str, ...] = ()
    packed: dict[tuple[Weight, Panels], Array] = field(default_factory=dict[tuple[Weight, Panels], Array])
    values: dict[tuple[tuple[str, ...], bool], Array] = field(default_factory=dict[tuple[tuple[str, ...], bool], Array])
    loading: Lock = field(default_factory=Lock)
    """Held while one of the programs loads its weights."""
    begun: Event = field(default_factory=Event)
    """Set when the first of the programs begins to load its weights: it is known how they are packed."""
