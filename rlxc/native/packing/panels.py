"""Stored tensors to panels, as copies from views to views."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, TypeAlias

from numpy.typing import NDArray

from rlxc.native.signature import Panels

Array: TypeAlias = NDArray[Any]


class Matrix(Protocol):
    """An array of two axes, or what can give some of its columns."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and columns."""
        ...

    def __getitem__(self, index: tuple[slice, slice], /) -> Any:
        """All rows and some columns."""
        ...


Copy: TypeAlias = tuple[Array, Any]
"""Where to, and from where: columns `[K, n]` to as many lanes of one panel, or `[K, count * W]` to whole panels.

`as_panels` gives the columns the shape of the target.
"""

BLOCK_BYTES = 2 * 1024 * 1024
"""What one copy moves at most, if a panel is not larger: a share of work for one thread."""


def packed_shape(shape: tuple[int, int], panels: Panels) -> tuple[int, int, int]:
    """The shape of the panels of a value of shape `[K, N]`, or `[K, 2 N]` if it is gated, or of several experts."""
    rows, columns = shape
    blocks = panels.experts * (2 if panels.gated else 1)
    return blocks * -(-(columns // blocks) // panels.width), rows, panels.width


def as_panels(columns: Array, shape: tuple[int, ...]) -> Array:
    """A view of columns in the shape of panels, or as they are for a part of one panel."""
    if len(shape) == 2:
        return columns
    count, rows, width = shape
    return columns.reshape(rows, count, width).transpose(1, 0, 2)


def panel_copies(values: Sequence[Matrix], panels: Panels, packed: Array) -> Iterator[Copy]:
    """Copies that fill `packed`, which holds zeros, with the matrices `values` side by side, each `[K, N_i]`.

    They are independent of each other, and leave the padding of the last panel of each block as it is.
    """
    blocks = list(equal_blocks(values, panels.experts * (2 if panels.gated else 1)))
    of_expert = len(packed) // panels.experts
    for expert in range(panels.experts):
        own = packed[expert * of_expert : (expert + 1) * of_expert]
        if panels.gated:
            yield from side_by_side(blocks[2 * expert], own[0::2])
            yield from side_by_side(blocks[2 * expert + 1], own[1::2])
        else:
            yield from side_by_side(blocks[expert], own)


def equal_blocks(values: Sequence[Matrix], count: int) -> Iterator[list[Matrix]]:
    """The columns of matrices side by side, in `count` blocks of as many columns."""
    size = sum(value.shape[1] for value in values) // count
    rest = deque(values)
    for _ in range(count):
        block: list[Matrix] = []
        missing = size
        while missing:
            value = rest.popleft()
            if value.shape[1] > missing:
                rest.appendleft(value[:, missing:])
            block.append(value[:, :missing])
            missing -= block[-1].shape[1]
        yield block


def side_by_side(values: Sequence[Matrix], packed: Array) -> Iterator[Copy]:
    """The copies for matrices side by side, without gates."""
    column = 0
    for value in values:
        yield from columns_from(value, column, packed)
        column += value.shape[1]


def columns_from(value: Matrix, column: int, packed: Array) -> Iterator[Copy]:
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
        yield packed[panel + first : panel + first + count], value[:, start : start + count * width]
    rest = value[:, done + whole * width :]
    if rest.shape[1]:
        yield packed[panel + whole, :, : rest.shape[1]], rest
