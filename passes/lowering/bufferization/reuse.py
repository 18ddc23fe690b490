"""Lets operations on single elements overwrite an input that nobody needs any more."""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.dialects import tensor
from xdsl.dialects.func import FuncOp
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.dialects.linalg.ops import GenericOp
from xdsl.ir import SSAValue
from xdsl.rewriter import Rewriter

from rlxc.passes.lowering.bufferization.order import ProgramOrder
from rlxc.passes.lowering.bufferization.overwriting import may_overwrite
from rlxc.passes.lowering.bufferization.sharing import origins, reads_destination


def reuse_inputs(function: FuncOp, order: ProgramOrder) -> None:
    """Replace `ins(%a, %b) outs(%empty)` by `ins(%a, %b) outs(%a)` where `%a` may be overwritten."""
    for op in [op for op in function.walk() if isinstance(op, GenericOp)]:
        index = len(op.inputs)
        memory = op.operands[index].owner
        if not isinstance(memory, tensor.EmptyOp) or reads_destination(op, index):
            continue
        reused = next((x for x in _inputs_like_output(op) if may_overwrite(x, op, index, order)), None)
        if reused is not None:
            op.operands[index] = reused
            Rewriter.erase_op(memory)


def _inputs_like_output(op: GenericOp) -> Iterator[SSAValue]:
    """The inputs of which each step reads the element that it computes, and which fill their memory."""
    if set(op.iterator_types) - {IteratorTypeAttr.parallel()}:
        return
    *maps, written = op.indexing_maps
    for value, read in zip(op.inputs, maps, strict=True):
        # Writing a slice would keep all that it is a slice of.
        if read == written and value.type == op.outputs[0].type and not any(map(_is_slice, origins(value))):
            yield value


def _is_slice(value: SSAValue) -> bool:
    return isinstance(value.owner, tensor.ExtractSliceOp)
