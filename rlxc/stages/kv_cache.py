"""Keys and values of earlier positions: which states of the flow hold them, and how attention takes part of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from xdsl.dialects.arith import AddiOp, ConstantOp
from xdsl.dialects.builtin import IndexType
from xdsl.dialects.tensor import DimOp
from xdsl.ir import SSAValue

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.dialects.rlx import KvAppendOp
from rlxc.stages.checks import require_name
from rlxc.stages.context import FlowContext


@dataclass(frozen=True)
class KvCache:
    """The states `[B, capacity, num_kv_heads * head_dim]` that hold keys and values, by name.

    With `v=None`, one state holds both: V, of which K is made by gain and rotation. New rows are written from
    the index `row` on, and what is there up to them is attended to. `position` is the index that says
    where in the sequence the new rows are; it is another one where a cache keeps only the last rows.
    """

    k: str
    v: str | None
    row: str = "position"
    position: str = "position"

    def __post_init__(self) -> None:
        for field in ("k", "row", "position"):
            require_name("KvCache", field, getattr(self, field))
        require_name("KvCache", "v", self.v, optional=True)
        if self.k == self.v:
            raise RlxcError(f"KvCache: k and v are both '{self.k}'", hint="give v=None where one state holds both")


class CacheRows(NamedTuple):
    """Where the new rows stand: `first` in the cache, `position` in the sequence; `length` counts the valid rows."""

    cache: KvCache
    first: SSAValue
    length: SSAValue
    position: SSAValue


def cache_rows(ctx: FlowContext, x: SSAValue, cache: KvCache) -> CacheRows:
    """Where the rows of `x`, `[B, S, features]`, stand."""
    first, position = (index_input(ctx, name) for name in (cache.row, cache.position))
    axis = ctx.emit(ConstantOp.from_int_and_width(1, IndexType()), "one")
    seq = ctx.emit(DimOp(x, axis), "seq")
    return CacheRows(cache, first, ctx.emit(AddiOp(first, seq), "kv_length"), position)


def append(ctx: FlowContext, name: str, new: SSAValue, rows: CacheRows) -> SSAValue:
    """The cache `name` with new rows, from now on the value of that state."""
    appended = ctx.emit(KvAppendOp(side_input(ctx, name, "state"), new, rows.first), name)
    ctx.inputs[name] = appended
    return appended


def index_input(ctx: FlowContext, name: str) -> SSAValue:
    """The input `name`, one whole number."""
    value = side_input(ctx, name, "input")
    if not isinstance(value.type, IndexType):
        raise RlxcError(f"'{name}' is {value.type}, expected an index", hint=f'declare .input("{name}", (), "index")')
    return value


def side_input(ctx: FlowContext, name: str, method: str) -> SSAValue:
    """The input or state `name`. Raises RlxcError if the flow declares none."""
    if name not in ctx.inputs:
        shape = '(), "index"' if method == "input" else '("B", "C", ...)'
        raise RlxcError(
            f"the flow declares no {method} '{name}'{did_you_mean(name, ctx.inputs)}",
            hint=f'add .{method}("{name}", {shape}) to the flow',
        )
    return ctx.inputs[name]
