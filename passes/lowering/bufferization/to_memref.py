"""Turns a function on tensors into one on memrefs, once it is decided where each tensor lives."""

from __future__ import annotations

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import scf
from xdsl.dialects.builtin import TensorType
from xdsl.dialects.func import FuncOp
from xdsl.dialects.linalg.ops import GenericOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.passes.lowering.bufferization.conversions import counterpart
from rlxc.passes.lowering.bufferization.layouts import dense_type
from rlxc.passes.lowering.bufferization.sharing import readable_name


class ToMemRef:
    """The conversion of one function; `buffers` holds the memref of each tensor so far."""

    def __init__(self, function: FuncOp):
        self.function = function
        self.buffers: dict[SSAValue, SSAValue] = {}
        self.replaced: list[Operation] = []

    def convert(self) -> None:
        """Convert the arguments and the body of the function."""
        block = self.function.body.block
        for argument in block.args:
            if isa(argument.type, TensorType):
                buffer = Rewriter.replace_value_with_new_type(argument, dense_type(argument.type))
                self.buffers[buffer] = buffer
        self._convert_block(block)
        for op in reversed(self.replaced):
            if isinstance(op, scf.ForOp):
                drop_tensors(op)
            else:
                Rewriter.erase_op(op)
        self.function.update_function_type()

    def _convert_block(self, block: Block) -> None:
        for op in list(block.ops):
            match op:
                case scf.ForOp():
                    self._convert_loop(op)
                case scf.YieldOp():
                    op.operands = [value for value in op.operands if not isa(value.type, TensorType)]
                case _ if any(map(self._is_tensor, (*op.operands, *op.results))):
                    if isinstance(op, GenericOp):
                        self._convert_block(op.body.block)
                    self._replace(op)
                case _ if any(self._is_tensor(value) for inner in op.walk() for value in inner.operands):
                    raise PassFailedException(f"'{op.name}' around operations on tensors cannot be bufferized")
                case _:
                    pass

    def _is_tensor(self, value: SSAValue) -> bool:
        return value in self.buffers or isa(value.type, TensorType)

    def _convert_loop(self, loop: scf.ForOp) -> None:
        """A tensor that the loop carries lives in one buffer."""
        for initial, carried, result in zip(loop.iter_args, loop.body.block.args[1:], loop.results, strict=True):
            if initial in self.buffers:
                self.buffers[carried] = self.buffers[result] = self.buffers[initial]
        self.replaced.append(loop)
        self._convert_block(loop.body.block)

    def _replace(self, op: Operation) -> None:
        """Make the counterpart of an operation, and keep the operation until all are converted."""
        made = Block()
        with ImplicitBuilder(made):
            buffers = counterpart(op, self.buffers)
        for new in made.ops:
            new.location = op.location
        Rewriter.inline_block(made, InsertPoint.before(op))
        for result, buffer in zip(op.results, buffers, strict=True):
            buffer.name_hint = buffer.name_hint or readable_name(result)
            if isa(result.type, TensorType):
                self.buffers[result] = buffer
            else:
                result.replace_all_uses_with(buffer)
        self.replaced.append(op)


def drop_tensors(loop: scf.ForOp) -> None:
    """Replace the loop by one that carries only the scalars; nobody uses its tensors any more."""
    body = loop.body.block
    scalars = [n for n, result in enumerate(loop.results) if not isa(result.type, TensorType)]
    for carried in [carried for carried in body.args[1:] if isa(carried.type, TensorType)]:
        body.erase_arg(carried)
    new = scf.ForOp(loop.lb, loop.ub, loop.step, [loop.iter_args[n] for n in scalars], loop.detach_region(loop.body))
    new.location = loop.location
    Rewriter.insert_op(new, InsertPoint.before(loop))
    for n, result in zip(scalars, new.results, strict=True):
        loop.results[n].replace_all_uses_with(result)
    Rewriter.erase_op(loop)
