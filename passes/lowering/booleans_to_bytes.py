"""`rlx-booleans-to-bytes`: arrays of booleans become arrays of bytes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xdsl.builder import Builder
from xdsl.context import Context
from xdsl.dialects import affine, arith, memref
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, FunctionType, MemRefType, ModuleOp, i1, i8
from xdsl.dialects.func import FuncOp
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.passes.attribute_names import ELEMENT

LoadOp = affine.LoadOp | memref.LoadOp
StoreOp = affine.StoreOp | memref.StoreOp


@dataclass(frozen=True)
class BooleansToBytesPass(ModulePass):
    """Store each boolean as a byte, 0 or 1: MLIR 22 cannot lower loads and stores of `i1`.

    ```mlir
    func.func @f(%pad: memref<?xi1>) {
      %visible = affine.load %pad[%i] : memref<?xi1>
    ```
    becomes
    ```mlir
    func.func @f(%pad: memref<?xi8> {rlx.element = i1}) {
      %byte = affine.load %pad[%i] : memref<?xi8>
      %zero = arith.constant 0 : i8
      %visible = arith.cmpi ne, %byte, %zero : i8
    ```
    The attribute `rlx.element` tells callers that the bytes of an argument are booleans.
    Precondition: `rlx-linalg-to-affine` has run; an array of booleans in a linalg operation is an error.
    """

    name = "rlx-booleans-to-bytes"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        operations = list(op.walk())
        for inner in operations:
            require_no_linalg(inner)
        for inner in operations:
            mark_arguments(inner)
            convert_access(inner)
            for value in list(defined_values(inner)):
                if (kind := converted(value.type)) != value.type:
                    Rewriter.replace_value_with_new_type(value, kind)
            if isinstance(inner, FuncOp):
                inner.function_type = FunctionType.from_attrs(
                    converted_types(inner.function_type.inputs), converted_types(inner.function_type.outputs)
                )


def require_no_linalg(op: Operation) -> None:
    """Raise on structured operations, whose bodies this pass does not convert."""
    if isinstance(op, LinalgStructuredOperation) and any(map(is_boolean_array, op.operand_types)):
        raise PassFailedException(f"'{op.name}' on an array of booleans: run rlx-linalg-to-affine first")


def mark_arguments(op: Operation) -> None:
    """Set `rlx.element = i1` on the arguments of a function that are arrays of booleans."""
    if not isinstance(op, FuncOp) or not any(map(is_boolean_array, op.function_type.inputs)):
        return
    present = op.arg_attrs.data if op.arg_attrs else (DictionaryAttr({}),) * len(op.function_type.inputs)
    op.arg_attrs = ArrayAttr(
        DictionaryAttr({**attributes.data, ELEMENT: i1}) if is_boolean_array(kind) else attributes
        for kind, attributes in zip(op.function_type.inputs, present, strict=True)
    )


def convert_access(op: Operation) -> None:
    """Put the conversion from a byte after a load of a boolean, and the one to a byte before a store."""
    if isinstance(op, LoadOp) and op.results[0].type == i1:
        from_byte(op)
    elif isinstance(op, StoreOp) and op.operands[0].type == i1:
        builder = Builder(InsertPoint.before(op))
        op.operands[0] = builder.insert(arith.ExtUIOp(op.operands[0], i8)).result


def from_byte(op: LoadOp) -> None:
    """Let `op` load a byte, and its users see whether it is not zero."""
    (loaded,) = op.results
    byte = Rewriter.replace_value_with_new_type(loaded, i8)
    builder = Builder(InsertPoint.after(op))
    zero = builder.insert(arith.ConstantOp.from_int_and_width(0, 8))
    truth = builder.insert(arith.CmpiOp(byte, zero.result, "ne"))
    zero.location = truth.location = op.location
    byte.replace_uses_with_if(truth.result, lambda use: use.operation is not truth)
    truth.result.name_hint, byte.name_hint = loaded.name_hint, None


def defined_values(op: Operation) -> Iterable[SSAValue]:
    """The results of an operation and the arguments of its blocks."""
    yield from op.results
    for region in op.regions:
        for block in region.blocks:
            yield from block.args


def converted_types(kinds: ArrayAttr[Attribute]) -> ArrayAttr[Attribute]:
    """Each type, converted."""
    return ArrayAttr(map(converted, kinds))


def converted(kind: Attribute) -> Attribute:
    """The memref of bytes for a memref of booleans, any other type as it is."""
    if isa(kind, MemRefType) and kind.element_type == i1:
        return MemRefType(i8, kind.shape, kind.layout, kind.memory_space)
    return kind


def is_boolean_array(kind: Attribute) -> bool:
    """Whether `kind` is a memref of booleans."""
    return converted(kind) != kind
