"""`rlx-share-functions`: private functions that are equal but for the scope of their weights become one."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr, SymbolRefAttr
from xdsl.dialects.func import CallOp, FuncOp
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from rlxc.dialects.rlx import ParamOp
from rlxc.dialects.rlx.scope import scope_of, set_scope
from rlxc.passes.arguments import is_private
from rlxc.passes.fusion.support.outlines import Outline, difference, scope_in
from rlxc.passes.remarks import fused, missed

NAME = "rlx-share-functions"


@dataclass(frozen=True)
class ShareFunctionsPass(ModulePass):
    """Private functions that differ in the beginning of their keys only -> one function, called with scopes.

    ```mlir
    %a = func.call @layer_0(%x) : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %b = func.call @layer_1(%a) : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    ```
    ->
    ```mlir
    %a = func.call @layer_0(%x) {rlx.scope = "layers.0."} : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    %b = func.call @layer_0(%a) {rlx.scope = "layers.1."} : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
    ```
    where the key "layers.0.q_proj.weight" in `@layer_0` becomes "q_proj.weight". The scope of a function is what all of
    its keys begin with, up to a dot. What is done to one function afterwards is done to all.

    Preconditions: the functions have equal operations, attributes and types, and no weight has a digest, which
    is that of one layer.
    """

    name = NAME

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        functions = [each for each in op.body.block.ops if isinstance(each, FuncOp) and is_private(each)]
        calls = calls_by_callee(op)
        changed = True
        # A function may become equal to another one when those that they call have.
        while changed:
            groups: dict[Outline, list[FuncOp]] = {}
            for function in functions:
                if not function.is_declaration:
                    groups.setdefault(Outline.of(function), []).append(function)
            shared = [group for group in groups.values() if len(group) > 1 and not states_content(group[0])]
            for group in shared:
                share(group, calls)
            erased = [function for _, *others in shared for function in others]
            functions = [function for function in functions if function not in set(erased)]
            changed = bool(erased)
        explain(functions)


def calls_by_callee(module: ModuleOp) -> dict[str, list[CallOp]]:
    """The calls of each function."""
    calls: dict[str, list[CallOp]] = {}
    for op in module.walk():
        if isinstance(op, CallOp):
            calls.setdefault(op.callee.string_value(), []).append(op)
    return calls


def share(group: list[FuncOp], calls: dict[str, list[CallOp]]) -> None:
    """Let the first function stand for all of the group, and the calls say whose weights they mean."""
    first, *others = group
    scopes = [scope_in(function) for function in group]
    message = f"{len(group)} functions are one: {', '.join(f'@{one.sym_name.data}' for one in others[:3])}"
    fused(NAME, first, message + (", ..." if len(others) > 3 else ""))
    own = calls.setdefault(first.sym_name.data, [])
    for function, scope in zip(group, scopes, strict=True):
        called = own if function is first else calls.pop(function.sym_name.data, [])
        for call in list(called):
            call.callee = SymbolRefAttr(first.sym_name.data)
            set_scope(call, scope_of(call) + scope)
        if function is not first:
            own += called
            for inner in [op for op in function.walk() if isinstance(op, CallOp)]:
                calls[inner.callee.string_value()].remove(inner)
            Rewriter.erase_op(function)
    enter_scope(first, scopes[0])


def enter_scope(function: FuncOp, scope: str) -> None:
    """Take the scope away from all keys of a function, and from the scopes of its calls."""
    for op in function.walk():
        if isinstance(op, ParamOp):
            op.keys = type(op.keys)(StringAttr(key.removeprefix(scope)) for key in op.key_names)
        elif isinstance(op, CallOp) and scope_of(op).startswith(scope):
            set_scope(op, scope_of(op).removeprefix(scope))


def states_content(function: FuncOp) -> bool:
    """Whether a function says what one of its weights holds."""
    return any(isinstance(op, ParamOp) and op.digest is not None for op in function.walk())


def explain(functions: list[FuncOp]) -> None:
    """Say of functions that look alike why they stay apart."""
    alike: dict[object, FuncOp] = {}
    for function in functions:
        shape = (function.function_type, tuple(op.name for op in function.walk()))
        first = alike.setdefault(shape, function)
        if first is function or function.is_declaration:
            continue
        if states_content(function):
            missed(NAME, function, f"a weight has a digest, so that @{first.sym_name.data} is that of another layer")
        else:
            missed(NAME, function, f"differs from @{first.sym_name.data} in {difference(first, function)}")
