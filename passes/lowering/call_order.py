"""Which functions call which, and the order in which they are lowered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import CallOp, FuncOp
from xdsl.utils.exceptions import PassFailedException

from rlxc.dialects.kernel import KernelCallOp
from rlxc.passes.lowering.functions import entry_function, functions_of

AnyCall = CallOp | KernelCallOp


def callees_first(module: ModuleOp, roots: Iterable[FuncOp] | None = None) -> list[FuncOp]:
    """The entry function, and before it all that it calls, each after those that it calls itself.

    The same for others with `roots`. Raises PassFailedException if a function calls itself.
    """
    functions = {function.sym_name.data: function for function in functions_of(module)}
    order: dict[str, FuncOp] = {}

    def visit(name: str, callers: tuple[str, ...]) -> None:
        if name in callers:
            raise PassFailedException(f"@{name} calls itself ({' -> '.join((*callers, name))}): it cannot be lowered")
        if name in functions and name not in order:
            for call in calls_in(functions[name]):
                visit(callee_name(call), (*callers, name))
            order[name] = functions[name]

    for root in (entry_function(module),) if roots is None else roots:
        visit(root.sym_name.data, ())
    return list(order.values())


def calls_in(function: FuncOp) -> list[AnyCall]:
    """The calls in a function, in order."""
    return [op for op in function.body.walk() if isinstance(op, AnyCall)]


def callee_name(call: AnyCall) -> str:
    """The name of the called function."""
    return call.callee.string_value()


def calls_of(functions: Iterable[FuncOp]) -> Mapping[str, list[AnyCall]]:
    """The calls in these functions, by the name of what they call."""
    calls: dict[str, list[AnyCall]] = {}
    for function in functions:
        for call in calls_in(function):
            calls.setdefault(callee_name(call), []).append(call)
    return calls
