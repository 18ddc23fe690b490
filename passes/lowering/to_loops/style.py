"""The two kinds of loops: `affine` where its rules allow it, `scf` elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import affine, memref, scf
from xdsl.dialects.builtin import AffineMapAttr, IndexType
from xdsl.ir import Block, Region, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap

from rlxc.passes.lowering.entry_values import EntryValues
from rlxc.passes.lowering.to_loops.bounds import Bound

Values: TypeAlias = Sequence[SSAValue]
Body: TypeAlias = Callable[[SSAValue, Values], Values]
"""Creates the operations of one iteration from its index and the carried values; gives the next carried values."""


class LoopStyle(Protocol):
    """Creates loops and memory accesses at the current place."""

    def loop(self, bound: Bound, carried: Values, name: str, body: Body) -> Values:
        """A loop over `[0, bound)`; the carried values after it."""
        ...

    def load(self, buffer: SSAValue, indexing: AffineMap, indices: Values) -> SSAValue:
        """The element at `indexing(indices)`."""
        ...

    def store(self, value: SSAValue, buffer: SSAValue, indexing: AffineMap, indices: Values) -> None:
        """Write the element at `indexing(indices)`."""
        ...


class AffineLoops:
    """`affine.for`; a bound has to be a number or a value that is computed outside of all loops."""

    def loop(self, bound: Bound, carried: Values, name: str, body: Body) -> Values:
        """See `LoopStyle.loop`."""
        block = _iteration(carried, name, body, affine.YieldOp.get)
        operands = [] if isinstance(bound, int) else [bound]
        upper = bound if isinstance(bound, int) else AffineMapAttr(AffineMap(0, 1, (AffineExpr.symbol(0),)))
        types = [value.type for value in carried]
        return affine.ForOp.from_region([], operands, carried, types, 0, upper, Region(block)).results

    def load(self, buffer: SSAValue, indexing: AffineMap, indices: Values) -> SSAValue:
        """See `LoopStyle.load`."""
        return affine.LoadOp(buffer, *_used(indexing, indices)).result

    def store(self, value: SSAValue, buffer: SSAValue, indexing: AffineMap, indices: Values) -> None:
        """See `LoopStyle.store`."""
        affine.StoreOp(value, buffer, *_used(indexing, indices))


class ScfLoops:
    """`scf.for`. With a `part`, each loop runs over that range instead of all its iterations."""

    def __init__(self, values: EntryValues, part: tuple[SSAValue, SSAValue] | None = None):
        self._values, self._part = values, part

    def loop(self, bound: Bound, carried: Values, name: str, body: Body) -> Values:
        """See `LoopStyle.loop`."""
        block = _iteration(carried, name, body, scf.YieldOp)
        lower, upper = self._part or (self._as_value(0), self._as_value(bound))
        return scf.ForOp(lower, upper, self._as_value(1), carried, block).results

    def load(self, buffer: SSAValue, indexing: AffineMap, indices: Values) -> SSAValue:
        """See `LoopStyle.load`."""
        return memref.LoadOp.get(buffer, self._evaluate(indexing, indices)).res

    def store(self, value: SSAValue, buffer: SSAValue, indexing: AffineMap, indices: Values) -> None:
        """See `LoopStyle.store`."""
        memref.StoreOp.get(value, buffer, self._evaluate(indexing, indices))

    def _evaluate(self, indexing: AffineMap, indices: Values) -> list[SSAValue]:
        return [self._index(expression, indexing.num_dims, indices) for expression in indexing.results]

    def _index(self, expression: AffineExpr, loops: int, indices: Values) -> SSAValue:
        match expression:
            case AffineDimExpr(position=position):
                return indices[position]
            case AffineConstantExpr(value=number):
                return self._values.constant(number)
            case _:
                return affine.ApplyOp(*_used(AffineMap(loops, 0, (expression,)), indices)).result

    def _as_value(self, bound: Bound) -> SSAValue:
        return self._values.constant(bound) if isinstance(bound, int) else bound


def _iteration(carried: Values, name: str, body: Body, terminate: Callable[..., object]) -> Block:
    """The block of a loop."""
    block = Block(arg_types=[IndexType(), *(value.type for value in carried)])
    for argument, hint in zip(block.args, (name, *(value.name_hint for value in carried)), strict=True):
        argument.name_hint = hint
    with ImplicitBuilder(block) as (index, *values):
        terminate(*body(index, values))
    return block


def _used(indexing: AffineMap, indices: Values) -> tuple[list[SSAValue], AffineMapAttr]:
    """The indices that the map uses, and the map of these; inner loops without an index yet are not used."""
    used = indexing.used_dims_bit_vector()
    kept = [index for index, is_used in zip(indices, used, strict=False) if is_used]
    return kept, AffineMapAttr(indexing.drop_dims([not is_used for is_used in used]))
