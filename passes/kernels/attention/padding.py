"""Padding as something to add to scores."""

from __future__ import annotations

from xdsl.dialects.builtin import f32

from rlxc.passes.kernels.attention.adjust import NEVER
from rlxc.passes.kernels.attention.context import Context
from rlxc.passes.kernels.vectors import each, element, put
from rlxc.passes.lowering.scalars import Scalar, Size, constant, select


def store_padding(context: Context, batch: Scalar, start: Size, count: Size, offset: Size) -> None:
    """Write what is added to the scores of `count` keys: 0, or minus infinity where they are hidden."""
    assert context.memory.padding is not None
    padding, workspace = context.memory.padding, context.memory.workspace
    visible, hidden = constant(0.0, f32), constant(NEVER, f32)

    def write(key: Scalar) -> None:
        added = select(element(padding, [batch, start + key]), visible, hidden)
        put(added, workspace, [offset + key])

    each(0, count, 1, write)
