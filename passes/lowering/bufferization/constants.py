"""Tensor constants as globals of the module."""

from __future__ import annotations

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import arith, bufferization, memref
from xdsl.dialects.builtin import DenseIntOrFPElementsAttr, ModuleOp, StringAttr, TensorType, UnitAttr
from xdsl.ir import Block
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.hints import isa

from rlxc.passes.lowering.bufferization.layouts import dense_type


def constants_to_globals(module: ModuleOp) -> None:
    """Replace each tensor constant by a global that holds it; equal ones share one."""
    names: dict[DenseIntOrFPElementsAttr, str] = {}
    for op in [op for op in module.walk() if isinstance(op, arith.ConstantOp)]:
        if isinstance(op.value, DenseIntOrFPElementsAttr) and isa(op.result.type, TensorType):
            if op.value not in names:
                names[op.value] = f"constant_{len(names)}"
                _insert_global(module, names[op.value], op.value)
            _read_global(op, names[op.value])


def _insert_global(module: ModuleOp, name: str, value: DenseIntOrFPElementsAttr) -> None:
    made = memref.GlobalOp.get(StringAttr(name), dense_type(value.type), value, constant=UnitAttr(), alignment=64)
    Rewriter.insert_op(made, InsertPoint.at_start(module.body.block))


def _read_global(op: arith.ConstantOp, name: str) -> None:
    reading = Block()
    with ImplicitBuilder(reading):
        buffer = memref.GetGlobalOp(name, dense_type(op.result.type)).memref
        constant = bufferization.ToTensorOp(buffer, restrict=True).tensor
    Rewriter.inline_block(reading, InsertPoint.before(op))
    constant.name_hint = op.result.name_hint
    op.result.replace_all_uses_with(constant)
    Rewriter.erase_op(op)
