"""What called functions overwrite: arguments that they may keep results in."""

from __future__ import annotations

from collections.abc import Mapping

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import tensor
from xdsl.dialects.builtin import UnitAttr
from xdsl.dialects.func import FuncOp
from xdsl.dialects.linalg.ops import CopyOp
from xdsl.ir import Block, BlockArgument, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter

from rlxc.dialects.kernel import KernelCallOp
from rlxc.passes.arguments import argument_attributes, held_result
from rlxc.passes.attribute_names import DONATED
from rlxc.passes.lowering.dims import dims
from rlxc.passes.lowering.to_linalg.structured import element_type_of, empty


def pass_memory_to_overwrite(function: FuncOp, called: Mapping[str, FuncOp]) -> None:
    """Say what calls overwrite of what they pass, which the bufferized functions that they call know.

    What a function returns in an argument becomes computed in what is passed, not in memory of its own. A copy is
    passed for other arguments that it may overwrite, and for what it gets as another argument too.
    """
    for call in [op for op in function.walk() if isinstance(op, KernelCallOp)]:
        for argument in called[call.callee.string_value()].args[: len(call.arguments)]:
            if argument_attributes(argument).get(DONATED) == UnitAttr():
                _pass_donated(call, argument)


def _pass_donated(call: KernelCallOp, argument: BlockArgument) -> None:
    passed, number = call.arguments[argument.index], held_result(argument)
    if number is None or len([other for other in call.arguments if other is passed]) > 1:
        passed = call.operands[argument.index] = _copy(passed, call)
    if number is not None:
        memory = call.results_[number].owner
        call.operands[len(call.arguments) + number] = passed
        if isinstance(memory, tensor.EmptyOp) and memory.tensor.first_use is None:
            Rewriter.erase_op(memory)


def _copy(value: SSAValue, call: KernelCallOp) -> SSAValue:
    made = Block()
    with ImplicitBuilder(made):
        copied = CopyOp((value,), (empty(dims(value), element_type_of(value)),)).res[0]
    for op in made.ops:
        op.location = call.location
    Rewriter.inline_block(made, InsertPoint.before(call))
    return copied
