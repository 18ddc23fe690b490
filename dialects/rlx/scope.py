"""Scopes: a function that is called with several scopes has the weights of another layer each time.

```mlir
%a = func.call @layer(%x) {rlx.scope = "layers.0."} : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
%b = func.call @layer(%a) {rlx.scope = "layers.1."} : (tensor<?x?x64xf32>) -> tensor<?x?x64xf32>
```
The weight "q_proj.weight" of `@layer` is "layers.0.q_proj.weight" in the first call. The scope of a call inside
`@layer` comes between the two.
"""

from __future__ import annotations

from collections.abc import Iterator

from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.dialects.func import CallOp, FuncOp
from xdsl.utils.exceptions import VerifyException

from rlxc.dialects.rlx.attribute_names import SCOPE
from rlxc.dialects.rlx.param import ParamOp


def scope_of(call: CallOp) -> str:
    """What stands before the keys of the called function; raises VerifyException if it is not a text."""
    match call.attributes.get(SCOPE):
        case None:
            return ""
        case StringAttr(data=scope):
            return scope
        case other:
            raise VerifyException(f"'{SCOPE}' must be a string, such as \"layers.0.\", got {other}")


def set_scope(call: CallOp, scope: str) -> None:
    """Let `scope` stand before the keys of the called function."""
    if scope:
        call.attributes[SCOPE] = StringAttr(scope)
    else:
        call.attributes.pop(SCOPE, None)


def with_scope(op: ParamOp, scope: str) -> ParamOp:
    """The same weight where the scope is not understood; `op` itself if there is none."""
    if not scope:
        return op
    digest = None if op.digest is None else op.digest.data
    keys = [scope + key for key in op.key_names]
    return ParamOp(keys, op.result.type, transposed=op.transposed is not None, digest=digest)


def scoped_params(module: ModuleOp) -> Iterator[tuple[ParamOp, str]]:
    """The weights in the order in which calls come to them, each with the scope that it has there.

    Raises VerifyException if a function calls itself.
    """
    functions = {op.sym_name.data: op for op in module.body.block.ops if isinstance(op, FuncOp)}
    inside = {
        name: [op for op in function.walk() if isinstance(op, ParamOp | CallOp)] for name, function in functions.items()
    }

    def visit(name: str, scope: str, callers: tuple[str, ...]) -> Iterator[tuple[ParamOp, str]]:
        if name in callers:
            raise VerifyException(f"@{name} calls itself ({' -> '.join((*callers, name))})")
        for op in inside.get(name, ()):
            if isinstance(op, ParamOp):
                yield op, scope
            else:
                yield from visit(op.callee.string_value(), scope + scope_of(op), (*callers, name))

    for name, function in functions.items():
        if function.sym_visibility is None or function.sym_visibility.data != "private":
            yield from visit(name, "", ())
