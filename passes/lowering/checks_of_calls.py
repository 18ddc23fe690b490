"""The run-time checks of a function become those of its callers, which know what they pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import arith
from xdsl.dialects.cf import AssertOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from rlxc.passes.lowering.call_order import AnyCall
from rlxc.passes.lowering.copied_values import copy_values, leaves
from rlxc.passes.lowering.dims import Source, dim, dim_source
from rlxc.passes.lowering.functions import body_of
from rlxc.passes.lowering.scalars import as_value
from rlxc.passes.lowering.slices import backward_slice


def move_checks_to_callers(function: FuncOp, calls: Iterable[AnyCall]) -> None:
    """Make the checks of a function before each call instead: once for calls that pass the same sizes and numbers."""
    block = body_of(function)
    checks = [op for op in block.ops if isinstance(op, AssertOp)]
    if not checks:
        return
    needed = backward_slice([check.arg for check in checks], block)
    made = set[object]()
    for call in calls:
        passed = (call.parent, *_passed(call, needed))
        if passed not in made:
            made.add(passed)
            _check_before(call, function, needed, checks)
    erase_checks(checks, needed)


def erase_checks(checks: Sequence[Operation], needed: Sequence[Operation]) -> None:
    """Erase checks, and of what they were computed from all that nobody else needs."""
    for check in checks:
        Rewriter.erase_op(check)
    for op in reversed(needed):
        if not any(result.first_use for result in op.results):
            Rewriter.erase_op(op)


def _passed(call: AnyCall, needed: Sequence[Operation]) -> list[Source]:
    """The sizes and values that a call passes, as far as operations of the called function need them."""
    return [
        call.arguments[argument.index] if axis is None else dim_source(call.arguments[argument.index], axis)
        for argument, axis in leaves(needed)
    ]


def _check_before(call: AnyCall, function: FuncOp, needed: Sequence[Operation], checks: Sequence[AssertOp]) -> None:
    made = Block()
    sizes: dict[Source, SSAValue] = {}

    def size_of(value: SSAValue, axis: int) -> SSAValue:
        source = dim_source(value, axis)
        if source not in sizes:
            sizes[source] = as_value(dim(value, axis))
        return sizes[source]

    with ImplicitBuilder(made):
        values = copy_values(needed, dict(zip(function.args, call.arguments, strict=True)), size_of)
        for check in checks:
            if not _is_certain(condition := values[check.arg]):
                AssertOp(condition, check.msg).location = check.location
    Rewriter.inline_block(made, InsertPoint.before(call))


def _is_certain(condition: SSAValue) -> bool:
    """Whether a condition compares a value with itself."""
    op = condition.owner
    return isinstance(op, arith.CmpiOp) and op.predicate.value.data in _REFLEXIVE and op.lhs is op.rhs


_REFLEXIVE = (0, 3, 5, 7, 9)
"""The predicates eq, sle, sge, ule and uge of `arith.cmpi`."""
