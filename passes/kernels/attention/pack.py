"""Keys in panels and values in whole vectors, once for all queries."""

from __future__ import annotations

from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.attention.blocking import Blocking
from rlxc.passes.kernels.attention.context import Context, Head
from rlxc.passes.kernels.attention.padding import store_padding
from rlxc.passes.kernels.attention.prepare import copy_row, key_preparation
from rlxc.passes.kernels.attention.rows import Row
from rlxc.passes.kernels.vectors import call, each, element, function, noinline, put, when
from rlxc.passes.kernels.views import part, rectangle
from rlxc.passes.lowering.scalars import Scalar, as_value, maximum, minimum


class Packing:
    """What one thread packs: every panel of a key/value head that any query sees, divided among the threads."""

    def __init__(self, context: Context):
        self.context, self.blocking = context, context.blocking
        self.keys = key_preparation(context.spec, context.blocking.lanes, context.memory.k_gain)
        self.key_rows = context.key_rows()

    def run(self) -> None:
        """Pack the share of this thread."""
        context, width = self.context, self.blocking.panel_width
        first = context.visibility.first(0) // width
        end = (context.visibility.end(context.q_len - 1) + (width - 1)) // width
        count = maximum(end - first, 0)
        panels = context.heads * count

        def pack(number: Scalar) -> None:
            head = context.head(number // count)
            self.pack_panel(head, first + (number - head.number * count))

        each(context.thread * panels // context.num_threads, self._end(panels), 1, pack)

    def pack_panel(self, head: Head, panel: Scalar) -> None:
        """Pack the keys and values of one panel; those after the last are zero."""
        first = panel * self.blocking.panel_width
        valid = minimum(self.context.kv_length - first, self.blocking.panel_width)
        each(0, valid, 1, lambda row: self.pack_key(head, row, first + row))
        each(valid, self.blocking.panel_width, 1, lambda row: self.clear_key(head, row, first + row))
        rows = self.blocking.head_dim
        kind = rectangle(rows, self.blocking.panel_width, self.blocking.panel_width)
        packed = part(self.context.panels(head), [panel * rows, 0], [rows, self.blocking.panel_width], kind)
        call(transpose_name(self.blocking), self.key_rows, packed)
        if self.context.spec.padding:
            offset = self.context.workspace.padding_of(head.batch, first)
            when(head.kv_head.equals(0), lambda: store_padding(self.context, head.batch, first, valid, offset))

    def pack_key(self, head: Head, row: Scalar, key: Scalar) -> None:
        """Copy one key and its value."""
        memory, column = self.context.memory, head.kv_head * self.blocking.head_dim
        source = Row(memory.k, (head.batch, key), column)
        self.keys.copy(source, Row(self.key_rows, (row,)), self.context.rotation(key))
        values = self._values(head, key)
        if self.blocking.row_width > self.blocking.head_dim:
            values.clear(self.blocking.row_width, self.blocking.lanes)
        columns = range(self.blocking.head_dim)
        copy_row(Row(memory.values, (head.batch, key), column), values, columns, self.blocking.lanes)

    def clear_key(self, head: Head, row: Scalar, key: Scalar) -> None:
        """Let a key and its value be zero."""
        for destination in (Row(self.key_rows, (row,)), self._values(head, key)):
            destination.clear(self.blocking.row_width, self.blocking.lanes)

    def _values(self, head: Head, key: Scalar) -> Row:
        return Row(self.context.memory.workspace, (), self.context.workspace.values(head.number, key))

    def _end(self, panels: Scalar) -> Scalar:
        return (self.context.thread + 1) * panels // self.context.num_threads


def transpose_name(blocking: Blocking) -> str:
    """The name of the function that transposes the keys of a panel."""
    return f"rlxc_attention_transpose_{blocking.panel_width}x{blocking.head_dim}"


def transpose_function(blocking: Blocking) -> FuncOp:
    """`panel[d, w] = keys[w, d]`."""
    width, rows = blocking.panel_width, blocking.head_dim
    arguments = (
        ("keys", rectangle(width, blocking.row_width, blocking.row_width)),
        ("panel", rectangle(rows, width, width)),
    )

    def body(keys: SSAValue, panel: SSAValue) -> None:
        lanes = [Scalar(as_value(lane)) for lane in range(width)]

        def write_row(d: Scalar) -> None:
            for lane in lanes:
                put(element(keys, [lane, d]), panel, [d, lane])

        each(0, rows, 1, write_row)

    return noinline(function(transpose_name(blocking), arguments, body))
