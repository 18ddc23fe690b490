"""Results of called functions that lie in the memory of what is passed."""

from __future__ import annotations

from collections.abc import Mapping

from xdsl.dialects.func import FuncOp

from rlxc.dialects.kernel import KernelCallOp
from rlxc.passes.arguments import held_result


def return_where_arguments_lie(function: FuncOp, called: Mapping[str, FuncOp]) -> None:
    """Let what a bufferized function returns in an argument be computed in what is passed, not in memory of its own."""
    for call in [op for op in function.walk() if isinstance(op, KernelCallOp)]:
        for argument in called[call.callee.string_value()].args:
            if (number := held_result(argument)) is not None:
                call.operands[len(call.arguments) + number] = call.arguments[argument.index]
