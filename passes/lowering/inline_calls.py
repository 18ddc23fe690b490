"""`rlx-inline-calls`: the functions that the entry function calls become part of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.dialects.func import CallOp, FuncOp, ReturnOp
from xdsl.ir import BlockArgument
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.traits import SymbolTable
from xdsl.utils.hints import isa

from rlxc.dialects.rlx import AttentionOp, GluMatmulOp, MatmulOp, MoeOp, ParamOp
from rlxc.dialects.rlx.base import shape_of
from rlxc.dialects.rlx.scope import scope_of, set_scope, with_scope
from rlxc.passes.arguments import is_private
from rlxc.passes.lowering.call_order import callees_first, calls_of
from rlxc.passes.lowering.dims import Dim, Source, dim_source
from rlxc.passes.lowering.functions import body_of, functions_of
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

    With `keep-repeated`, what is called in several places, none of them in a loop, holds projections or attention,
    and returns tensors of sizes that follow from those of its arguments, stays a function: it is lowered once, however
    often it is called.

    Precondition: no function calls itself, and bodies are single blocks.
    """

    name = "rlx-inline-calls"

    keep_repeated: bool = False

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        order = callees_first(op)
        calls = calls_of(order)
        inlined: dict[str, FuncOp] = {}
        for function in order:
            _inline_into(function, inlined)
            places = [call.parent_op() for call in calls.get(function.sym_name.data, ())]
            repeated = len(places) > 1 and all(isinstance(place, FuncOp) for place in places)
            if not (self.keep_repeated and repeated and can_be_called(function)):
                inlined[function.sym_name.data] = function
        while unused := _private_without_callers(op):
            for function in unused:
                Rewriter.erase_op(function)


def can_be_called(function: FuncOp) -> bool:
    """Whether a function is worth being lowered by itself, and callers can give the memory of its results."""
    block = body_of(function)
    returned = block.last_op
    return (
        is_private(function)
        and any(isinstance(op, _HEAVY) for op in block.walk())
        and isinstance(returned, ReturnOp)
        and all(isa(value.type, TensorType) for value in returned.operands)
        and all(
            _follows(dim_source(value, axis)) for value in returned.operands for axis in range(len(shape_of(value)))
        )
    )


_HEAVY = (MatmulOp, GluMatmulOp, MoeOp, AttentionOp)
"""What takes so long that a call beside it does not matter. The rest runs best in one loop with its neighbours."""


def _follows(source: Source) -> bool:
    """Whether a size is known to callers: a literal, the size of an argument, or an argument itself."""
    value = source.value if isinstance(source, Dim) else source
    return isinstance(value, int) or (isinstance(value, BlockArgument) and isinstance(value.block.parent_op(), FuncOp))


def _inline_into(function: FuncOp, functions: Mapping[str, FuncOp]) -> None:
    """Inline the calls of `functions`, in which nothing is left to inline; the arguments of all calls are checked."""
    called = SymbolTable.lookup_symbol
    for call in [op for op in function.walk() if isinstance(op, CallOp)]:
        if (original := functions.get(call.callee.string_value())) is not None:
            callee = original.clone()
            _enter_scope(callee, scope_of(call))
            check_call(call, callee)
            _replace_call(call, callee)
        elif isinstance(kept := called(call, call.callee), FuncOp) and not kept.is_declaration:
            check_call(call, kept)


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
