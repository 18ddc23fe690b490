"""`rlx-inline-calls`: the functions that the entry function calls become part of it."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import CallOp, FuncOp, ReturnOp
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException

from rlxc.dialects.rlx import ParamOp
from rlxc.dialects.rlx.scope import scope_of, set_scope, with_scope
from rlxc.passes.arguments import is_private
from rlxc.passes.lowering.functions import body_of, entry_function, functions_of
from rlxc.passes.lowering.named_dims import check_call


@dataclass(frozen=True)
class RlxInlineCallsPass(ModulePass):
    """Replace each call in the entry function by the body of the called function, calls in it included.

    ```mlir
    func.func @f(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
      %a = func.call @layer(%x) : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
      func.return %a : tensor<?x?x64xf32>
    }
    func.func private @layer(%h: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
      %y = rlx.softcap %h {cap = 30.0 : f64} : tensor<?x?x64xf32>
      func.return %y : tensor<?x?x64xf32>
    }
    ```
    becomes
    ```mlir
    func.func @f(%x: tensor<?x?x64xf32>) -> tensor<?x?x64xf32> {
      %y = rlx.softcap %x {cap = 30.0 : f64} : tensor<?x?x64xf32>
      func.return %y : tensor<?x?x64xf32>
    }
    ```
    The scope of a call, `rlx.scope`, comes before the keys of the weights in the called function.

    Where the callee gives dimensions of its arguments one name and those of the call are not certainly equal, a
    `cf.assert` before the inlined body says so: passes may have relied on the name.
    Private functions without callers are erased; calls of functions without a body stay.

    Precondition: no function calls itself, and bodies are single blocks.
    """

    name = "rlx-inline-calls"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        functions = {function.sym_name.data: function for function in functions_of(op)}
        entry = entry_function(op)
        _inline_into(entry, functions, callers=(entry.sym_name.data,))
        while unused := _private_without_callers(op):
            for function in unused:
                Rewriter.erase_op(function)


def _inline_into(function: FuncOp, functions: dict[str, FuncOp], callers: tuple[str, ...]) -> None:
    """Inline all calls in a function; `callers` are the functions that are being inlined, outermost first."""
    for call in [op for op in function.walk() if isinstance(op, CallOp)]:
        name = call.callee.string_value()
        if name in callers:
            raise PassFailedException(f"@{name} calls itself ({' -> '.join((*callers, name))}): it cannot be lowered")
        if name in functions:
            callee = functions[name].clone()
            _enter_scope(callee, scope_of(call))
            _inline_into(callee, functions, (*callers, name))
            check_call(call, callee)
            _replace_call(call, callee)


def _enter_scope(callee: FuncOp, scope: str) -> None:
    """Put the scope of a call before the keys of the called function, and before the scopes of calls in it."""
    for op in list(callee.walk()) if scope else ():
        if isinstance(op, ParamOp):
            scoped = with_scope(op, scope)
            scoped.location, scoped.result.name_hint = op.location, op.result.name_hint
            Rewriter.replace_op(op, scoped)
        elif isinstance(op, CallOp):
            set_scope(op, scope + scope_of(op))


def _replace_call(call: CallOp, callee: FuncOp) -> None:
    """Move the body of `callee` to the place of the call."""
    body = body_of(callee)
    returned = body.last_op
    assert isinstance(returned, ReturnOp)
    results = returned.operands
    Rewriter.inline_block(body, InsertPoint.before(call), call.arguments)
    for old, new in zip(call.results, results, strict=True):
        old.replace_all_uses_with(new)
    Rewriter.erase_op(returned)
    Rewriter.erase_op(call)


def _private_without_callers(module: ModuleOp) -> list[FuncOp]:
    called = {op.callee.string_value() for op in module.walk() if isinstance(op, CallOp)}
    return [
        function for function in functions_of(module) if is_private(function) and function.sym_name.data not in called
    ]
