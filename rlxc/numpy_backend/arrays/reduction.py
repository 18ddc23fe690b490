"""Generics that combine many elements into one: `np.sum`, `np.max` and their like."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects import arith
from xdsl.dialects.builtin import AnyFloat, FloatAttr, IntegerAttr, IntegerType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import SSAValue
from xdsl.utils.hints import isa

from rlxc.numpy_backend.arrays.alignment import transposed
from rlxc.numpy_backend.arrays.body import Body
from rlxc.numpy_backend.arrays.combiners import COMBINERS, Combiner
from rlxc.numpy_backend.arrays.reduced import Reduced
from rlxc.numpy_backend.arrays.structure import Structure
from rlxc.numpy_backend.errors import unsupported
from rlxc.numpy_backend.scope import Scope
from rlxc.numpy_backend.sizes.size import product
from rlxc.numpy_backend.text.expression import Code, real


def reduction(scope: Scope, structure: Structure) -> Code:
    """The terms of all iterations, reduced along the axes of the reduction loops."""
    op, term = structure.combiner
    order, body = structure.order, Body(scope, structure)
    elements = body.elements(term)
    if elements.axes != order:
        unsupported(structure.op, "its terms do not depend on all loops")
    axes = [order.index(loop) for loop in structure.reductions]
    initial = _initial(structure, COMBINERS[type(op)])
    count = product(map(body.size_of_loop, structure.reductions)).literal
    code = Reduced.of(COMBINERS[type(op)].function, elements.code, _axis(axes, len(order)), initial, count)
    kept = [loop for loop in order if loop not in structure.reductions]
    permutation = [kept.index(loop) for loop in structure.output.loops]
    return code if permutation == sorted(permutation) else transposed(code, permutation)


def initial_number(value: SSAValue) -> float | int | None:
    """The number that a reduction starts from, if its initial tensor holds one number everywhere."""
    match value.owner:
        case linalg.FillOp(inputs=(SSAValue(owner=arith.ConstantOp(value=FloatAttr() | IntegerAttr() as number)),)):
            return bool(number.value.data) if number.type == IntegerType(1) else number.value.data
        case _:
            return None


def _initial(structure: Structure, combiner: Combiner) -> Code | None:
    """What the reduction starts from, None if that changes nothing."""
    number, kind = initial_number(structure.output.value), structure.root.type
    if number is None:
        unsupported(structure.op, "it does not start from one constant")
    if number == combiner.neutral:
        return None
    if not combiner.takes_initial or not isa(kind, AnyFloat):
        unsupported(structure.op, f"it starts from {number}")
    return real(number, kind.bitwidth)


def _axis(axes: Sequence[int], rank: int) -> str | None:
    """The `axis` argument, None if all axes are reduced."""
    if len(axes) == rank:
        return None
    if list(axes) == [rank - 1]:
        return "-1"
    return str(axes[0]) if len(axes) == 1 else str(tuple(axes))
