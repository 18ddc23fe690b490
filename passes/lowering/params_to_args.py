"""`rlx-params-to-args`: weights and rope tables become arguments of the function."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.dialects.func import CallOp, FuncOp
from xdsl.ir import Attribute, Operation
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException

from rlxc.dialects.rlx import LoadTime, ParamOp, RopeTableOp
from rlxc.dialects.rlx.scope import scope_of, with_scope
from rlxc.passes.arguments import argument_attributes
from rlxc.passes.attribute_names import DIGEST, KEYS, NAME, TABLE, THETA, TRANSPOSED
from rlxc.passes.lowering.argument_names import input_names, load_time_names
from rlxc.passes.lowering.call_order import callees_first, calls_of
from rlxc.passes.lowering.functions import body_of, functions_of, set_argument_attributes


@dataclass(frozen=True)
class RlxParamsToArgsPass(ModulePass):
    """Turn each distinct weight and rope table into a trailing argument of the function that holds it.

    ```mlir
    func.func @f(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
      %w = rlx.param "q_proj.weight" transposed : tensor<64x64xf32>
      %cos = rlx.rope_table cos {theta = 10000.0 : f64} : tensor<4096x8xf32>
    ```
    becomes
    ```mlir
    func.func @f(%x: tensor<?x?x64xf32> {rlx.name = "x"},
                 %w: tensor<64x64xf32> {rlx.name = "w", rlx.keys = ["q_proj.weight"], rlx.transposed},
                 %cos: tensor<4096x8xf32> {rlx.name = "cos", rlx.table = "cos", rlx.theta = 1.0e4 : f64})
    ```
    Equal operations share an argument, unused ones vanish. The type of an argument is that of the value,
    after transposition and concatenation. `rlx.name` is the name of an argument for callers, unique in the
    function: one that is there already, else the name of the value, else made from the key or the position.

    A call passes the arguments that the called function gets: the caller, whose arguments they become too, takes
    their keys with the scope of the call.

    Precondition: what holds weights or rope tables is the entry function, or is called by it.
    """

    name = "rlx-params-to-args"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        order = callees_first(op)
        calls = calls_of(order)
        _reject_load_time_elsewhere(op, order)
        for function in order:
            groups = _move_to_arguments(function)
            for call in calls.get(function.sym_name.data, ()):
                if isinstance(call, CallOp):
                    _pass_arguments(call, groups)


def _reject_load_time_elsewhere(module: ModuleOp, called: Sequence[FuncOp]) -> None:
    for function in functions_of(module):
        if function not in called and any(op.has_trait(LoadTime) for op in function.walk()):
            raise PassFailedException(
                f"@{function.sym_name.data} holds weights or rope tables, but @{called[-1].sym_name.data}, "
                "the entry function, does not call it: rlx-inline-calls erases it"
            )


def _move_to_arguments(function: FuncOp) -> list[Operation]:
    """Turn the load-time operations into arguments; one operation for each, in order."""
    names = input_names(function)
    attributes = [
        {NAME: StringAttr(name), **argument_attributes(argument)}
        for argument, name in zip(function.args, names, strict=True)
    ]
    groups = _equal_operations(function)
    names = load_time_names([group[0] for group in groups], set(names))
    held = [group[0].clone() for group in groups]
    for group, name in zip(groups, names, strict=True):
        attributes.append({NAME: StringAttr(name), **_binding(group[0])})
        _replace_by_argument(function, group, name)
    set_argument_attributes(function, attributes)
    function.update_function_type()
    return held


def _pass_arguments(call: CallOp, operations: Sequence[Operation]) -> None:
    """Make the load-time values of the called function before a call, by the scope of the call, and pass them."""
    scope = scope_of(call)
    made = [_in_scope(op, scope) for op in operations]
    values = [op.results[0] for op in made]
    new = CallOp(call.callee, (*call.arguments, *values), call.result_types)
    Rewriter.insert_op(made, InsertPoint.before(call))
    Rewriter.replace_op(call, new)
    new.location = call.location


def _in_scope(op: Operation, scope: str) -> Operation:
    """A load-time operation of the called function as the caller has it."""
    scoped = with_scope(op, scope) if isinstance(op, ParamOp) and scope else op.clone()
    scoped.location = op.location
    return scoped


def _equal_operations(function: FuncOp) -> list[list[Operation]]:
    """The load-time operations, equal ones together, in order of appearance; unused ones are erased."""
    groups: dict[tuple[object, ...], list[Operation]] = {}
    for op in list(function.walk()):
        if not op.has_trait(LoadTime):
            continue
        if op.results[0].first_use is None:
            Rewriter.erase_op(op)
            continue
        identity = (op.name, frozenset(op.properties.items()), op.results[0].type)
        groups.setdefault(identity, []).append(op)
    return list(groups.values())


def _replace_by_argument(function: FuncOp, operations: list[Operation], name: str) -> None:
    """One new last argument instead of the results of equal operations."""
    block = body_of(function)
    argument = block.insert_arg(operations[0].results[0].type, len(block.args))
    argument.name_hint = name
    for op in operations:
        op.results[0].replace_all_uses_with(argument)
        Rewriter.erase_op(op)


def _binding(op: Operation) -> dict[str, Attribute]:
    """What a caller needs to know to provide the value of a load-time operation."""
    match op:
        case ParamOp(keys=keys, transposed=transposed, digest=digest):
            attributes = {KEYS: keys, TRANSPOSED: transposed, DIGEST: digest}
            return {name: attribute for name, attribute in attributes.items() if attribute is not None}
        case RopeTableOp(kind=kind, theta=theta):
            return {TABLE: StringAttr(str(kind.data)), THETA: theta}
        case _:
            raise PassFailedException(f"{op.name} is made at load time, but there is no way to make it an argument")
