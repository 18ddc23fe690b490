"""Lets operations overwrite an input that nobody needs any more, if they read it where they write."""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.dialects import tensor
from xdsl.dialects.func import FuncOp
from xdsl.dialects.linalg.attrs import IteratorTypeAttr
from xdsl.dialects.linalg.ops import GenericOp
from xdsl.ir import SSAValue
from xdsl.rewriter import Rewriter

from rlxc.dialects.kernel import KernelMatmulOp
from rlxc.passes.lowering.bufferization.order import ProgramOrder
from rlxc.passes.lowering.bufferization.overwriting import may_overwrite
from rlxc.passes.lowering.bufferization.sharing import origins, reads_destination


def reuse_inputs(function: FuncOp, order: ProgramOrder) -> None:
    """Replace `ins(%a, %b) outs(%empty)` by `ins(%a, %b) outs(%a)` where `%a` may be overwritten."""
    for op in [op for op in function.walk() if isinstance(op, GenericOp | KernelMatmulOp)]:
        index = len(op.inputs)
        memory = op.operands[index].owner
        if not isinstance(memory, tensor.EmptyOp) or reads_destination(op, index):
            continue
        reused = next((x for x in _inputs_like_output(op) if may_overwrite(x, op, index, order)), None)
        if reused is not None:
            op.operands[index] = reused
            Rewriter.erase_op(memory)


def _inputs_like_output(op: GenericOp | KernelMatmulOp) -> Iterator[SSAValue]:
    """The inputs of which each step reads the element that it computes, and which fill their memory."""
    for value in _inputs_read_in_step(op):
        # Writing a slice would keep all that it is a slice of.
        if value.type == op.outputs[0].type and not any(map(_is_slice, origins(value))):
            yield value


def _inputs_read_in_step(op: GenericOp | KernelMatmulOp) -> Iterator[SSAValue]:
    if isinstance(op, KernelMatmulOp):
        if op.residual is not None:
            yield op.residual
    elif not set(op.iterator_types) - {IteratorTypeAttr.parallel()}:
        *maps, written = op.indexing_maps
        yield from (value for value, read in zip(op.inputs, maps, strict=True) if read == written)


def _is_slice(value: SSAValue) -> bool:
    return isinstance(value.owner, tensor.ExtractSliceOp)
