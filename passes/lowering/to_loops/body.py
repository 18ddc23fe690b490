"""The body of a structured operation, once more in the innermost loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xdsl.dialects import arith
from xdsl.dialects.arith import FastMathFlagsAttr
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.ops import IndexOp, YieldOp
from xdsl.dialects.utils import FastMathFlag
from xdsl.ir import Operation, SSAValue


def copy_body(
    op: LinalgStructuredOperation, elements: Mapping[SSAValue, SSAValue], indices: Sequence[SSAValue], *, reorder: bool
) -> SSAValue:
    """Copy the body to the current place, with `elements` for its arguments; the element of the output.

    A sum may be computed in fused multiply-adds, and with `reorder` in any order, so that it can be vectorized:
    neither loses accuracy. All else stays exactly as written.
    """
    values = dict(elements)
    *ops, last = op.body.block.ops
    assert isinstance(last, YieldOp)
    summed = _sum_of(op, last.operands[0])
    for each in ops:
        if isinstance(each, IndexOp):
            values[each.result] = indices[each.dim.value.data]
            continue
        copied = each.clone(values)
        if each in summed:
            copied.properties["fastmath"] = _flags(reorder=reorder and each is summed[0])
    return values.get(last.operands[0], last.operands[0])


def _sum_of(op: LinalgStructuredOperation, result: SSAValue) -> list[Operation]:
    """The addition to the output element, and the multiplication whose product is added."""
    accumulator, total = op.body.block.args[-1], result.owner
    if not isinstance(total, arith.AddfOp) or accumulator not in total.operands:
        return []
    products = [value.owner for value in total.operands if isinstance(value.owner, arith.MulfOp)]
    return [total, *products]


def _flags(*, reorder: bool) -> FastMathFlagsAttr:
    flags = [FastMathFlag.ALLOW_CONTRACT]
    return FastMathFlagsAttr([FastMathFlag.REASSOC, *flags] if reorder else flags)
