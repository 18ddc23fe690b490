"""The operations that functions may consist of."""

from __future__ import annotations

from xdsl.dialects import cf, func, scf, tensor
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Operation

from rlxc.dialects.rlx import MoeOp, RouteOp
from rlxc.numpy_backend.errors import unsupported
from rlxc.numpy_backend.plan.reads import is_scalar_operation

VOCABULARY = (
    cf.AssertOp,
    func.CallOp,
    func.FuncOp,
    func.ReturnOp,
    linalg.FillOp,
    linalg.GenericOp,
    linalg.IndexOp,
    linalg.YieldOp,
    scf.ForOp,
    scf.YieldOp,
    tensor.CastOp,
    tensor.CollapseShapeOp,
    tensor.ConcatOp,
    tensor.DimOp,
    tensor.EmptyOp,
    tensor.ExpandShapeOp,
    tensor.ExtractOp,
    tensor.ExtractSliceOp,
    tensor.InsertSliceOp,
    RouteOp,
    MoeOp,
)
"""What the linalg level is made of, beside scalar arithmetic; and experts, for which there are helpers."""


def require_vocabulary(function: func.FuncOp) -> None:
    """Raise DiagnosticException for an operation that no rule prints, also where nothing reads its result."""
    for op in function.walk():
        if not isinstance(op, VOCABULARY) and not is_scalar_operation(op):
            unsupported(op, f"it does not belong to the linalg level{_advice(op)}")


def _advice(op: Operation) -> str:
    converted = op.name.startswith(("rlx.", "arith.", "math."))
    return " (run convert-rlx-to-linalg before)" if converted else ""
