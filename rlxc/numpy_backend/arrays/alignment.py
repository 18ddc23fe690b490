"""How an array is indexed so that its axes meet those of another: `rms[..., None]`, `cos[:, None, :]`."""

from __future__ import annotations

from collections.abc import Sequence

from rlxc.numpy_backend.text.expression import Code, attribute, method, subscript

Axes = tuple[int | None, ...]
"""The loop of each axis of an array, None for an axis of size 1 that is to vanish."""


def aligned(code: Code, axes: Axes, loops: Sequence[int]) -> Code:
    """`code` with an axis of size 1 for each loop that it lacks, except where broadcasting adds one.

    The axes of `code` stand in the order of `loops`.
    """
    items, position = _items(axes, loops)
    items += ["None"] * (len(loops) - position if position else 0)
    return code if all(item == ":" for item in items) else subscript(code, abbreviated(items))


def _items(axes: Axes, loops: Sequence[int]) -> tuple[list[str], int]:
    """An index item for each axis, and None between them; and how many loops they reach."""
    items: list[str] = []
    position = 0
    for loop in axes:
        if loop is None:
            items.append("0")
            continue
        at = loops.index(loop)
        items += ["None"] * (at - position if position else 0)
        items.append(":")
        position = at + 1
    return items, position


def abbreviated(items: Sequence[str]) -> list[str]:
    """The same index with `...` for several full slices in front, or without several at the end."""
    leading, trailing = _full_slices(items), _full_slices(items[::-1])
    if leading >= 2 and leading > trailing:
        return ["...", *items[leading:]]
    return list(items[: len(items) - trailing] if trailing >= 2 else items)


def shortest(items: Sequence[str]) -> list[str]:
    """The same index without full slices at the end, or with `...` for those in front if that leaves less."""
    leading, trailing = _full_slices(items), _full_slices(items[::-1])
    if leading >= 2 and leading > trailing + 1:
        return ["...", *items[leading:]]
    return list(items[: len(items) - trailing])


def _full_slices(items: Sequence[str]) -> int:
    """How many items in a row are `:`, from the first on."""
    return next((n for n, item in enumerate(items) if item != ":"), len(items))


def transposed(code: Code, permutation: Sequence[int]) -> Code:
    """`code` with its axes in another order."""
    if list(permutation) == sorted(permutation):
        return code
    if list(permutation) == [1, 0]:
        return attribute(code, "T")
    return method(code, "transpose", *map(str, permutation))


def in_order(code: Code, axes: Axes, order: Sequence[int]) -> tuple[Code, Axes]:
    """`code` with its axes in the order in which their loops stand in `order`."""
    loops = [loop for loop in axes if loop is not None]
    wanted = sorted(loops, key=order.index)
    if wanted == loops:
        return code, axes
    if None in axes:
        code = subscript(code, ["0" if loop is None else ":" for loop in axes])
    return transposed(code, [loops.index(loop) for loop in wanted]), tuple(wanted)
