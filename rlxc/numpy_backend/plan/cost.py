"""How much text an operation makes, in operations: what decides whether it stands inside the one that reads it."""

from __future__ import annotations

from xdsl.dialects import arith, tensor
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Operation

from rlxc.numpy_backend.arrays.contraction import is_plain_product
from rlxc.numpy_backend.arrays.structure import Structure

MOST = 6
"""The most operations that one line holds."""

VIEWS = (tensor.ExpandShapeOp, tensor.CollapseShapeOp, tensor.ExtractSliceOp)


def cost(op: Operation) -> int:
    """The number of operations that a reader sees."""
    if isinstance(op, linalg.GenericOp):
        structure = Structure.of(op)
        if structure.is_contraction:
            return 1 if is_plain_product(structure) else MOST
        silent = (arith.ConstantOp, linalg.IndexOp, linalg.YieldOp)
        return sum(not isinstance(inner, silent) for inner in structure.body.ops)
    return int(isinstance(op, VIEWS))
