"""Stored tensors to panels, as copies from views to views."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from numpy.typing import NDArray

from rlxc.native.signature import Panels

Array: TypeAlias = NDArray[Any]

Copy: TypeAlias = tuple[Array, Array]
"""Where to, and from where: views of the same shape."""

BLOCK_BYTES = 4 * 1024 * 1024
"""What one copy moves at most, if a panel is not larger: a share of work for one thread."""


def packed_shape(shape: tuple[int, int], panels: Panels) -> tuple[int, int, int]:
    """The shape of the panels of a value of shape `[K, N]`, or `[K, 2 N]` if it is gated."""
    rows, columns = shape
    halves = 2 if panels.gated else 1
    return halves * -(-(columns // halves) // panels.width), rows, panels.width


def panel_copies(values: Sequence[Array], panels: Panels, packed: Array) -> Iterator[Copy]:
    """Copies that fill `packed`, which holds zeros, with the matrices `values` side by side, each `[K, N_i]`.

    They are independent of each other, and leave the padding of the last panel as it is.
    """
    if not panels.gated:
        yield from side_by_side(values, packed)
        return
    half = sum(value.shape[1] for value in values) // 2
    gate, up = split(values, half)
    yield from side_by_side(gate, packed[0::2])
    yield from side_by_side(up, packed[1::2])


def split(values: Sequence[Array], column: int) -> tuple[list[Array], list[Array]]:
    """The columns before `column` of matrices side by side, and the others."""
    before: list[Array] = []
    after: list[Array] = []
    for value in values:
        here = min(max(column, 0), value.shape[1])
        before.append(value[:, :here])
        after.append(value[:, here:])
        column -= value.shape[1]
    return before, after


def side_by_side(values: Sequence[Array], packed: Array) -> Iterator[Copy]:
    """The copies for matrices side by side, without gates."""
    column = 0
    for value in values:
        yield from columns_from(value, column, packed)
        column += value.shape[1]


def columns_from(value: Array, column: int, packed: Array) -> Iterator[Copy]:
    """The copies that put `value` at `column` and the columns after it."""
    _, rows, width = packed.shape
    panel, lane = divmod(column, width)
    done = 0
    if lane:
        done = min(width - lane, value.shape[1])
        yield packed[panel, :, lane : lane + done], value[:, :done]
        panel += 1
    whole = (value.shape[1] - done) // width
    step = max(1, BLOCK_BYTES // (rows * width * packed.itemsize or 1))
    for first in range(0, whole, step):
        count = min(step, whole - first)
        start = done + first * width
        block = value[:, start : start + count * width].reshape(rows, count, width)
        yield packed[panel + first : panel + first + count], block.transpose(1, 0, 2)
    rest = value[:, done + whole * width :]
    if rest.shape[1]:
        yield packed[panel + whole, :, : rest.shape[1]], rest
