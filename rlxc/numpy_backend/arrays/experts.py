"""Mixtures of experts, as calls of helpers."""

from __future__ import annotations

from xdsl.dialects.builtin import Float64Type

from rlxc.dialects.rlx import Activation, MoeOp, RouteOp
from rlxc.dialects.rlx.base import int_of, tensor_type
from rlxc.numpy_backend.scope import Scope
from rlxc.numpy_backend.text.expression import Code, call, infix


def experts(scope: Scope, op: RouteOp | MoeOp) -> Code:
    """The call of `top_experts`, or of `mixture`."""
    return _route(scope, op) if isinstance(op, RouteOp) else _moe(scope, op)


def _route(scope: Scope, op: RouteOp) -> Code:
    scope.use_helper("top_experts")
    options: dict[str, str] = {} if op.renormalize is None else {"renormalize": "True"}
    gates = call("top_experts", scope.code(op.logits), str(int_of(op.top_k)), **options)
    return gates if op.expert_scale is None else infix(gates, "*", scope.code(op.expert_scale))


def _moe(scope: Scope, op: MoeOp) -> Code:
    activation = activation_helper(op.activation.data, is_wide=isinstance(tensor_type(op.x).element_type, Float64Type))
    for helper in ("mixture", activation):
        scope.use_helper(helper)
    return call("mixture", *map(scope.code, op.operands), activation)


def activation_helper(activation: Activation, *, is_wide: bool) -> str:
    """The helper function that stands for an activation; in float64, if that is another one."""
    return "gelu64" if is_wide and activation is Activation.GELU else str(activation)
