"""What queries see, as values: `"causal"`, `"none"`, `sliding(512)`, `padding("causal")`, `bias()`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.dialects.rlx import MaskAttr, MaskKind
from rlxc.stages.checks import require_positive


@dataclass(frozen=True)
class Sliding:
    """The last `window` keys, the query's own included."""

    window: int

    def __post_init__(self) -> None:
        require_positive("sliding", "window", self.window)


@dataclass(frozen=True)
class Padding:
    """The keys that a boolean input `[B, K]` says are there (True: visible), within the mask `base`."""

    base: Mask
    input: str | None

    def __post_init__(self) -> None:
        mask_parts(self)


@dataclass(frozen=True)
class Bias:
    """The keys that `base` shows; an input `[B, H, Q, K]` (H may be 1) is added to the scores."""

    base: Mask
    input: str | None

    def __post_init__(self) -> None:
        mask_parts(self)


Mask: TypeAlias = "Literal['none', 'causal'] | Sliding | Padding | Bias"


def sliding(window: int) -> Sliding:
    """Each query sees `window` keys: its own and those just before it."""
    return Sliding(window)


def padding(base: Mask = "none", input: str | None = None) -> Padding:
    """Keys are visible where a boolean input `[B, K]` is True and `base` shows them.

    `input` names the flow's input; without it, the only one that is boolean and of rank 2 is taken.
    """
    return Padding(base, input)


def bias(base: Mask = "none", input: str | None = None) -> Bias:
    """An input `[B, H, Q, K]` is added to the scores of the keys that `base` shows.

    `input` names the flow's input; without it, the only one of rank 4 with floating-point numbers is taken.
    """
    return Bias(base, input)


@dataclass(frozen=True)
class MaskParts:
    """A mask taken apart, as `rlx.attention` has it."""

    positional: MaskAttr
    padding: Padding | None = None
    bias: Bias | None = None


def mask_parts(mask: Mask) -> MaskParts:
    """The parts of a mask. Raises RlxcError if it is none, or has two paddings or biases."""
    found: dict[type[Padding | Bias], Padding | Bias] = {}
    while isinstance(mask, Padding | Bias):
        if type(mask) in found:
            raise RlxcError(f"a mask can have one {type(mask).__name__.lower()}, not two")
        found[type(mask)] = mask
        mask = mask.base
    pad, added = found.get(Padding), found.get(Bias)
    assert not isinstance(pad, Bias)
    assert not isinstance(added, Padding)
    return MaskParts(positional_mask(mask), pad, added)


def positional_mask(mask: object) -> MaskAttr:
    """`none`, `causal` or `sliding<W>`."""
    if isinstance(mask, Sliding):
        return MaskAttr(MaskKind.SLIDING, mask.window)
    if isinstance(mask, str) and mask in ("none", "causal"):
        return MaskAttr(MaskKind(mask))
    suggestion = did_you_mean(mask, ("none", "causal")) if isinstance(mask, str) else ""
    raise RlxcError(
        f"mask must be 'none', 'causal', sliding(window), padding() or bias(), got {mask!r}{suggestion}",
        hint="import sliding, padding and bias from rlxc.stages",
    )
