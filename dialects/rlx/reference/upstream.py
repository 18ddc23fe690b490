"""NumPy meaning of the upstream operations that tensor programs use beside `rlx`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from xdsl.dialects import arith, math, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, DenseIntOrFPElementsAttr, FloatAttr, IntegerAttr, TensorType
from xdsl.dialects.linalg import ops as linalg
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls
from xdsl.utils.exceptions import InterpretationError
from xdsl.utils.hints import isa

Array = NDArray[Any]


@register_impls
class UpstreamFunctions(InterpreterFunctions):
    """`arith` and `math` on tensors and index scalars, and the `tensor` and `linalg` operations that move data."""

    def __init__(self, dtype: DTypeLike):
        super().__init__()
        self.dtype = np.dtype(dtype)

    @impl(arith.ConstantOp)
    def constant(self, interpreter: Interpreter, op: arith.ConstantOp, args: PythonValues) -> PythonValues:
        match op.value:
            case IntegerAttr(value=value) | FloatAttr(value=value):
                return (value.data,)
            case DenseIntOrFPElementsAttr() as dense if isa(op.result.type, TensorType):
                values = np.array(dense.get_values())
                if values.dtype.kind == "f":
                    values = values.astype(self.dtype)
                return (
                    np.broadcast_to(values.reshape(-1), (op.result.type.element_count(),)).reshape(
                        op.result.type.get_shape()
                    ),
                )
            case _:
                raise InterpretationError(f"cannot evaluate the constant {op.value}")

    @impl(arith.AddfOp)
    def addf(self, interpreter: Interpreter, op: arith.AddfOp, args: PythonValues) -> PythonValues:
        return (args[0] + args[1],)

    @impl(arith.SubfOp)
    def subf(self, interpreter: Interpreter, op: arith.SubfOp, args: PythonValues) -> PythonValues:
        return (args[0] - args[1],)

    @impl(arith.MulfOp)
    def mulf(self, interpreter: Interpreter, op: arith.MulfOp, args: PythonValues) -> PythonValues:
        return (args[0] * args[1],)

    @impl(arith.DivfOp)
    def divf(self, interpreter: Interpreter, op: arith.DivfOp, args: PythonValues) -> PythonValues:
        return (args[0] / args[1],)

    @impl(arith.NegfOp)
    def negf(self, interpreter: Interpreter, op: arith.NegfOp, args: PythonValues) -> PythonValues:
        return (-args[0],)

    @impl(math.ExpOp)
    def exp(self, interpreter: Interpreter, op: math.ExpOp, args: PythonValues) -> PythonValues:
        with np.errstate(over="ignore"):
            return (np.exp(args[0]),)

    @impl(arith.AddiOp)
    def addi(self, interpreter: Interpreter, op: arith.AddiOp, args: PythonValues) -> PythonValues:
        return (args[0] + args[1],)

    @impl(arith.SubiOp)
    def subi(self, interpreter: Interpreter, op: arith.SubiOp, args: PythonValues) -> PythonValues:
        return (args[0] - args[1],)

    @impl(arith.MuliOp)
    def muli(self, interpreter: Interpreter, op: arith.MuliOp, args: PythonValues) -> PythonValues:
        return (args[0] * args[1],)

    @impl(tensor.DimOp)
    def dim(self, interpreter: Interpreter, op: tensor.DimOp, args: PythonValues) -> PythonValues:
        return (args[0].shape[args[1]],)

    @impl(tensor.EmptyOp)
    def empty(self, interpreter: Interpreter, op: tensor.EmptyOp, args: PythonValues) -> PythonValues:
        assert isa(op.tensor.type, TensorType)
        return (np.full(_filled(op.tensor.type.get_shape(), args), np.nan, self.dtype),)

    @impl(tensor.CastOp)
    def cast(self, interpreter: Interpreter, op: tensor.CastOp, args: PythonValues) -> PythonValues:
        return args

    @impl(tensor.ConcatOp)
    def concat(self, interpreter: Interpreter, op: tensor.ConcatOp, args: PythonValues) -> PythonValues:
        return (np.concatenate(args, axis=op.dim.value.data),)

    @impl(tensor.ExtractSliceOp)
    def extract_slice(self, interpreter: Interpreter, op: tensor.ExtractSliceOp, args: PythonValues) -> PythonValues:
        dynamic = iter(args[1:])
        offsets, sizes, strides = (
            _filled([int(n) for n in static.get_values()], dynamic)
            for static in (op.static_offsets, op.static_sizes, op.static_strides)
        )
        index = tuple(
            slice(offset, offset + size * stride, stride)
            for offset, size, stride in zip(offsets, sizes, strides, strict=True)
        )
        result: Array = args[0][index]
        assert isa(op.result.type, TensorType)
        return (result.reshape(_filled(op.result.type.get_shape(), iter(_dynamic_sizes(op, result)))),)

    @impl(tensor.CollapseShapeOp)
    def collapse(self, interpreter: Interpreter, op: tensor.CollapseShapeOp, args: PythonValues) -> PythonValues:
        x: Array = args[0]
        sizes = [int(np.prod([x.shape[int(axis.value.data)] for axis in axes])) for axes in op.reassociation]
        return (x.reshape(sizes),)

    @impl(tensor.ExpandShapeOp)
    def expand(self, interpreter: Interpreter, op: tensor.ExpandShapeOp, args: PythonValues) -> PythonValues:
        static = [int(n) for n in op.static_output_shape.get_values()]
        return (args[0].reshape(_filled(static, iter(args[1:]))),)

    @impl(linalg.BroadcastOp)
    def broadcast(self, interpreter: Interpreter, op: linalg.BroadcastOp, args: PythonValues) -> PythonValues:
        x, init = args
        axes = tuple(int(axis) for axis in op.dimensions.get_values())
        return (np.broadcast_to(np.expand_dims(x, axes), init.shape),)


def _filled(static: Sequence[int], dynamic: Any) -> list[int]:
    """A shape with its dynamic entries taken from `dynamic`, in order."""
    values = iter(dynamic)
    return [next(values) if size == DYNAMIC_INDEX else size for size in static]


def _dynamic_sizes(op: tensor.ExtractSliceOp, result: Array) -> list[int]:
    """The sizes of the dynamic dimensions of the result, which may drop unit dimensions."""
    static = [int(n) for n in op.static_sizes.get_values()]
    return [size for size, known in zip(result.shape, static, strict=True) if known == DYNAMIC_INDEX]
