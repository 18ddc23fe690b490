"""Which functions take weights in `params`, and what they pass on to the functions that they call.

A function that is called for several layers takes a dictionary with the weights of one of them. What stands before the
keys of these weights, the scope of the call, follows from the weights that the call passes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr
from xdsl.dialects.func import CallOp, FuncOp
from xdsl.ir import BlockArgument, SSAValue, Use
from xdsl.utils.hints import isa

from rlxc.numpy_backend.parameters import Parameter, parameters_of
from rlxc.numpy_backend.text.names import candidates
from rlxc.passes.arguments import argument_attributes, is_private
from rlxc.passes.attribute_names import KEYS, TRANSPOSED
from rlxc.passes.lowering.call_order import callees_first
from rlxc.passes.lowering.functions import is_load_time

Functions = Mapping[str, FuncOp]
"""Functions by symbol."""


@dataclass(frozen=True)
class PassedWeights:
    """The weights that a call passes as one dictionary."""

    callee: str
    """The symbol of the called function."""
    scope: str
    """What stands before the keys that the called function has for them."""
    name: str
    """The key of the dictionary in the `params` of the caller."""
    numbers: frozenset[int]
    """The arguments of the call that are in it."""


@dataclass(frozen=True)
class TakenWeights:
    """What the `params` of a function hold: the values of its own parameters, and dictionaries for calls."""

    parameters: Sequence[Parameter]
    arguments: frozenset[BlockArgument]
    """All that its callers do not pass by themselves: those of `parameters`, and what calls alone need."""
    calls: Mapping[CallOp, PassedWeights]


def taken_weights(module: ModuleOp) -> dict[str, TakenWeights]:
    """The functions that take `params`, by symbol: the entry function, and those whose every call passes a scope."""
    *called, entry = callees_first(module)
    calls = [op for op in module.walk() if isinstance(op, CallOp)]
    taking = {entry.sym_name.data: entry}
    for function in reversed(called):
        own = [call for call in calls if callee_of(call) == function.sym_name.data]
        if is_private(function) and all(scope_of_weights(call, function, taking) is not None for call in own):
            taking[function.sym_name.data] = function
    return {
        name: _taken(function, is_load_time if function is entry else is_weight, taking)
        for name, function in taking.items()
    }


def is_weight(argument: BlockArgument) -> bool:
    """Whether an argument has keys. Tables have none: they are passed to a called function one by one."""
    return KEYS in argument_attributes(argument)


def callee_of(call: CallOp) -> str:
    """The symbol of the called function."""
    return call.callee.string_value()


def scope_of_weights(call: CallOp, callee: FuncOp, taking: Functions) -> str | None:
    """What stands before the keys of a called function's weights in those of the caller.

    None if the call passes no weights, or others: those that no function of `taking` has from its `params`.
    """
    pairs = [(call.arguments[weight.index], weight) for weight in filter(is_weight, callee.args)]
    scopes = {_scope(passed, weight) if _is_taken(passed, taking) else None for passed, weight in pairs}
    return scopes.pop() if len(scopes) == 1 else None


def _is_taken(value: SSAValue, taking: Functions) -> bool:
    return isinstance(value, BlockArgument) and is_weight(value) and value.block.parent_op() in taking.values()


def _scope(passed: SSAValue, weight: BlockArgument) -> str | None:
    assert isinstance(passed, BlockArgument)
    given, own = argument_attributes(passed), argument_attributes(weight)
    keys, own_keys = given.get(KEYS), own.get(KEYS)
    if not isa(keys, ArrayAttr[StringAttr]) or not isa(own_keys, ArrayAttr[StringAttr]):
        return None
    scope = keys.data[0].data.removesuffix(own_keys.data[0].data)
    scoped = [scope + key.data for key in own_keys] == [key.data for key in keys]
    alike = passed.type == weight.type and given.get(TRANSPOSED) == own.get(TRANSPOSED)
    return scope if scoped and alike else None


def _taken(function: FuncOp, is_taken: Callable[[BlockArgument], bool], taking: Functions) -> TakenWeights:
    arguments = list(filter(is_taken, function.args))
    parameters = parameters_of(function, [one for one in arguments if _is_read(one, taking)])
    names = {parameter.name: ("", "") for parameter in parameters}
    calls: dict[CallOp, PassedWeights] = {}
    for call in [op for op in function.walk() if isinstance(op, CallOp) and callee_of(op) in taking]:
        scope = scope_of_weights(call, taking[callee_of(call)], taking)
        assert scope is not None
        identity = callee_of(call), scope
        wanted = candidates(scope.rstrip(".") or callee_of(call))
        name = next(name for name in wanted if names.setdefault(name, identity) == identity)
        numbers = (one.index for one in filter(is_weight, taking[callee_of(call)].args))
        calls[call] = PassedWeights(*identity, name, frozenset(numbers))
    return TakenWeights(parameters, frozenset(arguments), calls)


def _is_read(argument: BlockArgument, taking: Functions) -> bool:
    """Whether a weight or a table is needed otherwise than in the dictionary of a call."""
    return not argument.uses or not all(_is_passed_in_dictionary(use, taking) for use in argument.uses)


def _is_passed_in_dictionary(use: Use, taking: Functions) -> bool:
    callee = taking.get(callee_of(use.operation)) if isinstance(use.operation, CallOp) else None
    return callee is not None and is_weight(callee.args[use.index])
