"""Layers that attend to the keys and values of earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rlxc.diagnostics import RlxcError
from rlxc.models.config.family import Family
from rlxc.models.config.layer import AttentionConfig, LayerType
from rlxc.models.config.reader import ConfigReader

KvRole = Literal["own", "lends", "borrows"]
"""Whether a layer has keys and values for itself, or for later layers too, or takes those of an earlier one."""


def kv_roles(config: ConfigReader, family: Family, kinds: tuple[LayerType, ...]) -> tuple[KvRole, ...]:
    """The role of each layer: the last `num_kv_shared_layers` borrow from the last of their type before them.

    Raises RlxcError if there is none.
    """
    count = len(kinds)
    borrowing = config.integer("num_kv_shared_layers", 0, least=0, most=count - 1) if family.shares_kv else 0
    own, later = kinds[: count - borrowing], kinds[count - borrowing :]
    for kind in later:
        if kind not in own:
            raise config.error("num_kv_shared_layers", borrowing, f"fewer layers, so that a {kind} layer has its own")
    lenders = {len(own) - 1 - own[::-1].index(kind) for kind in later}
    before: list[KvRole] = ["lends" if number in lenders else "own" for number in range(len(own))]
    return (*before, *("borrows" for _ in later))


def lender_of(attentions: Sequence[AttentionConfig], number: int) -> int:
    """The layer whose keys and values the layer of a number attends to: itself, or the last of its type before it."""
    own = attentions[number]
    if not own.borrows_kv:
        return number
    earlier = enumerate(attentions[:number])
    return max(at for at, one in earlier if one.type == own.type and not one.borrows_kv)


def check_borrowed(attentions: Sequence[AttentionConfig]) -> None:
    """Raise RlxcError unless the keys and values of others are what each layer expects."""
    for number, own in enumerate(attentions):
        lender = lender_of(attentions, number)
        other = attentions[lender]
        if (own.num_kv_heads, own.head_dim) != (other.num_kv_heads, other.head_dim):
            raise RlxcError(
                f"the config's layer {number} attends to {own.num_kv_heads} K/V heads of {own.head_dim} components, "
                f"but layer {lender}, whose keys and values it takes, has {other.num_kv_heads} of {other.head_dim}"
            )
