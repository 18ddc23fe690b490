"""The memref counterpart of each operation on tensors, in which a tensor is the buffer where it lives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import singledispatch

from xdsl.dialects import bufferization, memref, tensor
from xdsl.dialects.func import CallOp
from xdsl.dialects.linalg.ops import CopyOp, FillOp, GenericOp
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.utils.exceptions import PassFailedException

from rlxc.dialects.kernel import KernelOperation
from rlxc.dialects.rlx.base import shape_of, tensor_type
from rlxc.passes.lowering.bufferization.direct_inserts import is_direct
from rlxc.passes.lowering.bufferization.layouts import (
    cast_type,
    collapsed_type,
    dense_type,
    expanded_type,
    memref_type,
    slice_type,
)
from rlxc.passes.lowering.bufferization.slices import Slice

Buffers = Mapping[SSAValue, SSAValue]
"""The memref of each tensor."""


@singledispatch
def counterpart(op: Operation, buffers: Buffers) -> Sequence[SSAValue]:
    """Create the operation on memrefs; the buffer, or the scalar, that stands for each result."""
    raise PassFailedException(f"'{op.name}' on tensors cannot be bufferized")


@counterpart.register
def _(op: CallOp, buffers: Buffers) -> Sequence[SSAValue]:
    raise PassFailedException(
        f"the call of @{op.callee.string_value()} cannot be bufferized: run rlx-inline-calls first"
    )


@counterpart.register
def _(op: tensor.EmptyOp, buffers: Buffers) -> Sequence[SSAValue]:
    return [memref.AllocOp(op.dynamic_sizes, (), dense_type(op.tensor.type)).memref]


@counterpart.register
def _(op: bufferization.ToTensorOp, buffers: Buffers) -> Sequence[SSAValue]:
    return [op.memref]


@counterpart.register
def _(op: tensor.DimOp, buffers: Buffers) -> Sequence[SSAValue]:
    return [memref.DimOp(buffers[op.source], op.index).result]


@counterpart.register
def _(op: tensor.ExtractOp, buffers: Buffers) -> Sequence[SSAValue]:
    return [memref.LoadOp.get(buffers[op.tensor], op.indices).res]


@counterpart.register
def _(op: tensor.ExtractSliceOp, buffers: Buffers) -> Sequence[SSAValue]:
    return [_part(buffers[op.source], Slice.of(op), shape_of(op.result))]


@counterpart.register
def _(op: tensor.InsertSliceOp, buffers: Buffers) -> Sequence[SSAValue]:
    destination = buffers[op.dest]
    if not is_direct(op):
        source = buffers[op.source]
        memref.CopyOp(source, _part(destination, Slice.of(op), memref_type(source).get_shape()))
    return [destination]


@counterpart.register
def _(op: tensor.ExpandShapeOp, buffers: Buffers) -> Sequence[SSAValue]:
    source = buffers[op.src]
    expanded = memref.ExpandShapeOp.build(
        operands=[source, op.dynamic_output_shape],
        properties={"reassociation": op.reassociation, "static_output_shape": op.static_output_shape},
        result_types=[expanded_type(memref_type(source), tensor_type(op.result), op.reassociation)],
    )
    return [expanded.result]


@counterpart.register
def _(op: tensor.CollapseShapeOp, buffers: Buffers) -> Sequence[SSAValue]:
    source = buffers[op.src]
    collapsed = collapsed_type(memref_type(source), tensor_type(op.result), op.reassociation)
    assert collapsed is not None
    properties: dict[str, Attribute] = {"reassociation": op.reassociation}
    return [memref.CollapseShapeOp.build(operands=[source], properties=properties, result_types=[collapsed]).result]


@counterpart.register
def _(op: tensor.CastOp, buffers: Buffers) -> Sequence[SSAValue]:
    source = buffers[op.source]
    return [memref.CastOp.get(source, cast_type(memref_type(source), tensor_type(op.dest))).dest]


@counterpart.register
def _(op: FillOp, buffers: Buffers) -> Sequence[SSAValue]:
    outputs = [buffers[value] for value in op.outputs]
    FillOp(op.inputs, outputs, ())
    return outputs


@counterpart.register
def _(op: CopyOp, buffers: Buffers) -> Sequence[SSAValue]:
    destination = buffers[op.outputs[0]]
    memref.CopyOp(buffers[op.inputs[0]], destination)
    return [destination]


@counterpart.register
def _(op: GenericOp, buffers: Buffers) -> Sequence[SSAValue]:
    outputs = [buffers[value] for value in op.outputs]
    inputs = [buffers.get(value, value) for value in op.inputs]
    body = op.detach_region(op.body)
    GenericOp(inputs, outputs, body, op.indexing_maps, op.iterator_types, (), op.doc, op.library_call)
    return outputs


@counterpart.register
def _(op: KernelOperation, buffers: Buffers) -> Sequence[SSAValue]:
    made = type(op).create(operands=[buffers.get(value, value) for value in op.operands], properties=op.properties)
    return made.outputs


def _part(source: SSAValue, part: Slice, shape: Sequence[int]) -> SSAValue:
    kind = slice_type(memref_type(source), part, shape)
    return memref.SubviewOp.get(source, part.offsets, part.sizes, part.strides, kind).result
