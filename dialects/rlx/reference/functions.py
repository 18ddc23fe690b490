"""The one NumPy reference of each `rlx` operation, as functions of xDSL's interpreter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray
from xdsl.dialects.func import CallOp
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from rlxc.dialects.rlx.attention import AttentionOp
from rlxc.dialects.rlx.base import int_of
from rlxc.dialects.rlx.embed import EmbedOp, PositionEmbedOp, table_holds
from rlxc.dialects.rlx.experts import MoeOp, RouteOp
from rlxc.dialects.rlx.kv_cache import KvAppendOp
from rlxc.dialects.rlx.matmul import GluMatmulOp, MatmulOp, SplitOp
from rlxc.dialects.rlx.norm import AddRmsNormOp, LayerNormOp, RmsNormOp
from rlxc.dialects.rlx.param import ParamOp, RopeTableOp
from rlxc.dialects.rlx.pointwise import GluOp, SoftcapOp
from rlxc.dialects.rlx.reference.attention import AttentionInputs, attention
from rlxc.dialects.rlx.reference.conditions import check_rope, require_in_run
from rlxc.dialects.rlx.reference.experts import moe, route
from rlxc.dialects.rlx.reference.norm import layer_norm, rms_norm
from rlxc.dialects.rlx.reference.pointwise import ACTIVATIONS, softcap
from rlxc.dialects.rlx.reference.rope import positions, rope, rope_table_values
from rlxc.dialects.rlx.repeat_kv import RepeatKvOp
from rlxc.dialects.rlx.rope import RopeOp
from rlxc.dialects.rlx.scope import scope_of, with_scope

Array = NDArray[Any]
ParamResolver = Callable[[ParamOp], Array]


@register_impls
class RlxFunctions(InterpreterFunctions):
    """Evaluates `rlx` operations on arrays of `dtype`; `params` gives the value of each `rlx.param`."""

    def __init__(self, params: ParamResolver, dtype: DTypeLike):
        super().__init__()
        self.params = params
        self.scope = ""
        self.dtype = np.dtype(dtype)

    @impl(ParamOp)
    def param(self, interpreter: Interpreter, op: ParamOp, args: PythonValues) -> PythonValues:
        return (self.params(with_scope(op, self.scope)).astype(self.dtype),)

    @impl(CallOp)
    def call(self, interpreter: Interpreter, op: CallOp, args: PythonValues) -> PythonValues:
        outer, self.scope = self.scope, self.scope + scope_of(op)
        try:
            return interpreter.call_op(op.callee, args)
        finally:
            self.scope = outer

    @impl(RopeTableOp)
    def rope_table(self, interpreter: Interpreter, op: RopeTableOp, args: PythonValues) -> PythonValues:
        return (rope_table_values(op).astype(self.dtype),)

    @impl(MatmulOp)
    def matmul(self, interpreter: Interpreter, op: MatmulOp, args: PythonValues) -> PythonValues:
        operands = named_operands(op, args)
        out: Array = operands["x"] @ operands["weight"]
        if "bias" in operands:
            out = out + operands["bias"]
        if op.activation is not None:
            out = ACTIVATIONS[op.activation.data](out)
        if "residual" in operands:
            out = out + operands["residual"]
        return (out,)

    @impl(GluMatmulOp)
    def glu_matmul(self, interpreter: Interpreter, op: GluMatmulOp, args: PythonValues) -> PythonValues:
        gate, up = np.split(args[0] @ args[1], 2, axis=-1)
        return (ACTIVATIONS[op.activation.data](gate) * up,)

    @impl(SplitOp)
    def split(self, interpreter: Interpreter, op: SplitOp, args: PythonValues) -> PythonValues:
        return tuple(np.split(args[0], np.cumsum(op.size_list)[:-1], axis=-1))

    @impl(RopeOp)
    def rope(self, interpreter: Interpreter, op: RopeOp, args: PythonValues) -> PythonValues:
        operands = named_operands(op, args)
        x: Array = operands["x"]
        position, count = operands.get("position", 0), x.shape[1]
        head_dim, n_rot, style = int_of(op.head_dim), int_of(op.n_rot), op.style.data
        cos, sin = operands["cos"], operands["sin"]
        check_rope(op, position, count, len(cos))
        rows = positions(position, count)
        return (rope(x, cos, sin, head_dim=head_dim, n_rot=n_rot, style=style, positions=rows),)

    @impl(RepeatKvOp)
    def repeat_kv(self, interpreter: Interpreter, op: RepeatKvOp, args: PythonValues) -> PythonValues:
        x: Array = args[0]
        head_dim = int_of(op.head_dim)
        heads = x.reshape(*x.shape[:-1], x.shape[-1] // head_dim, head_dim)
        repeated = np.repeat(heads, int_of(op.group), axis=-2)
        return (repeated.reshape(*x.shape[:-1], x.shape[-1] * int_of(op.group)),)

    @impl(AttentionOp)
    def attention(self, interpreter: Interpreter, op: AttentionOp, args: PythonValues) -> PythonValues:
        return (attention(op, AttentionInputs(**named_operands(op, args))),)

    @impl(RmsNormOp)
    def rms_norm(self, interpreter: Interpreter, op: RmsNormOp, args: PythonValues) -> PythonValues:
        head_dim = None if op.head_dim is None else int_of(op.head_dim)
        gamma = named_operands(op, args).get("gamma")
        normed = rms_norm(args[0], gamma, eps=op.eps.value.data, offset=op.offset.value.data, head_dim=head_dim)
        return (normed,)

    @impl(LayerNormOp)
    def layer_norm(self, interpreter: Interpreter, op: LayerNormOp, args: PythonValues) -> PythonValues:
        operands = named_operands(op, args)
        return (layer_norm(operands["x"], operands["gamma"], operands.get("beta"), eps=op.eps.value.data),)

    @impl(AddRmsNormOp)
    def add_rms_norm(self, interpreter: Interpreter, op: AddRmsNormOp, args: PythonValues) -> PythonValues:
        total: Array = args[0] + args[1]
        return total, rms_norm(total, args[2], eps=op.eps.value.data, offset=op.offset.value.data)

    @impl(GluOp)
    def glu(self, interpreter: Interpreter, op: GluOp, args: PythonValues) -> PythonValues:
        return (ACTIVATIONS[op.activation.data](args[0]) * args[1],)

    @impl(SoftcapOp)
    def softcap(self, interpreter: Interpreter, op: SoftcapOp, args: PythonValues) -> PythonValues:
        return (softcap(args[0], op.cap.value.data),)

    @impl(EmbedOp)
    def embed(self, interpreter: Interpreter, op: EmbedOp, args: PythonValues) -> PythonValues:
        table, ids = args
        valid = bool(np.all((ids >= 0) & (ids < len(table))))
        require_in_run(op, valid, f"a token id is not in [0, {len(table)})")
        return (op.scale.value.data * table[ids],)

    @impl(PositionEmbedOp)
    def position_embed(self, interpreter: Interpreter, op: PositionEmbedOp, args: PythonValues) -> PythonValues:
        operands = named_operands(op, args)
        x, table, position = operands["x"], operands["table"], operands.get("position", 0)
        end = position + x.shape[1]
        require_in_run(op, position >= 0, "position is negative")
        require_in_run(op, end <= len(table), f"x has more positions than {table_holds(op.table)}")
        return (x + table[position:end],)

    @impl(KvAppendOp)
    def kv_append(self, interpreter: Interpreter, op: KvAppendOp, args: PythonValues) -> PythonValues:
        cache, new, position = args
        end, capacity = position + new.shape[1], cache.shape[1]
        require_in_run(op, position >= 0, "position is negative")
        require_in_run(op, end <= capacity, f"the new rows do not fit into the cache (capacity {capacity})")
        result = cache.copy()
        result[:, position:end] = new
        return (result,)

    @impl(RouteOp)
    def route(self, interpreter: Interpreter, op: RouteOp, args: PythonValues) -> PythonValues:
        scale = named_operands(op, args).get("expert_scale")
        return (route(args[0], scale, top_k=int_of(op.top_k), renormalize=op.renormalize is not None),)

    @impl(MoeOp)
    def moe(self, interpreter: Interpreter, op: MoeOp, args: PythonValues) -> PythonValues:
        x, gates, gate_up, down = args
        return (moe(x, gates, gate_up, down, op.activation.data),)


def named_operands(
    op: MatmulOp | RopeOp | AttentionOp | RmsNormOp | LayerNormOp | PositionEmbedOp | RouteOp, args: PythonValues
) -> dict[str, Any]:
    """The arguments by operand name; absent optional operands are left out."""
    names = [name for name, _ in op.get_irdl_definition().operands if getattr(op, name) is not None]
    return dict(zip(names, args, strict=True))
