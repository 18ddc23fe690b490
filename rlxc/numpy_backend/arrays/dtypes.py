"""Element types."""

from __future__ import annotations

from xdsl.dialects.builtin import AnyFloat, IndexType, IntegerType
from xdsl.ir import Attribute, Operation
from xdsl.utils.hints import isa

from rlxc.numpy_backend.errors import unsupported


def dtype(op: Operation, element_type: Attribute) -> str:
    """The NumPy name of an element type."""
    match element_type:
        case IntegerType(width=width) if width.data == 1:
            return "np.bool_"
        case IntegerType(width=width) if width.data in (8, 16, 32, 64):
            return f"np.int{width.data}"
        case IndexType():
            return "np.int64"
        case _ if isa(element_type, AnyFloat) and element_type.name in ("f16", "f32", "f64"):
            return f"np.float{element_type.bitwidth}"
        case _:
            unsupported(op, f"NumPy has no element type {element_type}")
