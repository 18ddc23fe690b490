"""What a program costs: FLOPs, bytes moved, weights, KV cache.

The model is that of a machine without a cache: every operation reads its operands and writes its results.
It is no forecast of time, but what fusion saves shows in it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from xdsl.dialects.builtin import FixedBitwidthType, ModuleOp, TensorType
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.diagnostics import RlxcError
from rlxc.dialects.rlx import AttentionOp, GluMatmulOp, LoadTime, MatmulOp, MoeOp, ParamOp, SplitOp
from rlxc.dialects.rlx.base import int_of
from rlxc.inspect.calls import without_calls
from rlxc.inspect.shapes import Shape, Shapes, value_shapes
from rlxc.passes.lowering.functions import body_of, entry_function

VIEWS = (SplitOp,)
"""Operations that move nothing."""

POINTWISE_FLOPS = {
    "rlx.rope": 6,
    "rlx.rms_norm": 4,
    "rlx.layer_norm": 7,
    "rlx.add_rms_norm": 5,
    "rlx.glu": 6,
    "rlx.softcap": 4,
    "rlx.embed": 1,
    "rlx.position_embed": 1,
    "rlx.route": 4,
    "arith.addf": 1,
    "arith.subf": 1,
    "arith.mulf": 1,
}
"""FLOPs for each element of the first result; a function such as exp counts as one."""


@dataclass(frozen=True)
class Cost:
    """The cost of one call of a program."""

    operations: int
    """Operations that run in a call: those done once, when weights are loaded, do not count."""
    by_name: Mapping[str, int]
    flops: int
    bytes_moved: int
    weight_bytes: int
    kv_cache_bytes: int


def cost_of(module: ModuleOp, sizes: Mapping[str, int]) -> Cost:
    """The cost of the entry function at the rlx level, where `sizes` replaces some of its `named_sizes`."""
    function = costed_function(module)
    shapes = value_shapes(function, sizes)
    running = [op for op in function.body.block.ops if op.results and not op.has_trait(LoadTime)]
    loaded = [op for op in function.body.block.ops if isinstance(op, ParamOp)]
    return Cost(
        operations=len(running),
        by_name=dict(Counter(op.name for op in running)),
        flops=sum(flops(op, shapes) for op in running),
        bytes_moved=sum(bytes_moved(op, shapes) for op in running),
        weight_bytes=sum(byte_size(op.result, shapes) for op in loaded),
        kv_cache_bytes=cache_bytes((op for op in running if isinstance(op, AttentionOp)), shapes),
    )


def costed_function(module: ModuleOp) -> FuncOp:
    """The entry function, with what it calls. Raises RlxcError if there is none, or if it branches."""
    try:
        function = entry_function(without_calls(module))
        body_of(function)
    except PassFailedException as error:
        raise RlxcError(f"cannot tell the cost: {error}") from error
    return function


def flops(op: Operation, shapes: Shapes) -> int:
    """The floating-point operations of `op`; a multiplication and an addition are two."""
    compound = COMPOUND_FLOPS.get(type(op))
    if compound is not None:
        return compound(op, shapes)
    return POINTWISE_FLOPS.get(op.name, 0) * math.prod(shapes.get(op.results[0], (0,)))


def matmul_flops(op: Operation, shapes: Shapes) -> int:
    """Products, sums, and one for each further term of each element."""
    assert isinstance(op, MatmulOp)
    extra = sum(part is not None for part in (op.bias, op.residual, op.activation))
    return math.prod(shapes[op.result]) * (2 * shapes[op.x][-1] + extra)


def glu_matmul_flops(op: Operation, shapes: Shapes) -> int:
    """Products and sums of gate and up, then the gate."""
    assert isinstance(op, GluMatmulOp)
    return math.prod(shapes[op.result]) * (4 * shapes[op.x][-1] + POINTWISE_FLOPS["rlx.glu"])


def moe_flops(op: Operation, shapes: Shapes) -> int:
    """Products and sums of the experts that a token chooses, their gates, and the weighted sum."""
    assert isinstance(op, MoeOp)
    features = shapes[op.x][-1]
    of_expert = op.width * (6 * features + POINTWISE_FLOPS["rlx.glu"]) + 2 * features
    return math.prod(shapes[op.x][:-1]) * op.chosen_experts * of_expert


def attention_flops(op: Operation, shapes: Shapes) -> int:
    """Scores and weighted sums over the visible keys, and the rotations inside."""
    assert isinstance(op, AttentionOp)
    batch, q_len, features = shapes[op.q]
    pairs = visible_pairs(q_len, shapes[op.k][1], op.mask.window_size, causal=not op.mask.is_none)
    rotated = 0 if op.cos is None else math.prod(shapes[op.q]) + math.prod(shapes[op.k])
    per_pair = 4 * features + 5 * int_of(op.num_heads)
    return batch * pairs * per_pair + POINTWISE_FLOPS["rlx.rope"] * rotated


def visible_pairs(q_len: int, kv_len: int, window: int | None, *, causal: bool) -> int:
    """How many pairs of a query and a key a mask lets through, queries aligned with the last keys."""
    if not causal:
        return q_len * kv_len
    visible = _keys_up_to_each(q_len, kv_len)
    return visible if window is None else visible - _keys_up_to_each(q_len, max(kv_len - window, 0))


def _keys_up_to_each(q_len: int, kv_len: int) -> int:
    """The sum of `max(kv_len - i, 0)` for `i < q_len`: one term for each query, the last one first."""
    terms = min(q_len, kv_len)
    return terms * kv_len - terms * (terms - 1) // 2


COMPOUND_FLOPS: Mapping[type[Operation], Callable[[Operation, Shapes], int]] = {
    MatmulOp: matmul_flops,
    GluMatmulOp: glu_matmul_flops,
    AttentionOp: attention_flops,
    MoeOp: moe_flops,
}
"""Operations whose FLOPs are not a multiple of their elements."""


def bytes_moved(op: Operation, shapes: Shapes) -> int:
    """What `op` reads and writes; a value that it takes twice is read once."""
    if isinstance(op, VIEWS):
        return 0
    if isinstance(op, MoeOp):
        shapes = shapes | read_experts(op, shapes)
    return sum(byte_size(value, shapes) for value in {*op.operands, *op.results})


def read_experts(op: MoeOp, shapes: Shapes) -> Shapes:
    """The shapes of what is read of the weights of experts: those of all that rows choose, if no two agree."""
    choices = math.prod(shapes[op.x][:-1]) * op.chosen_experts
    read = min(choices, op.num_experts)
    features, columns = shapes[op.x][-1], 2 * op.width
    return {op.gate_up: (features, read * columns), op.down: (op.width, read * features)}


def cache_bytes(attentions: Iterable[AttentionOp], shapes: Shapes) -> int:
    """The keys and values that a decoder keeps: one tensor where V is K, and none where they are those of others."""
    kept = {value for op in attentions for value in (op.k, op.v)}
    return sum(byte_size(value, shapes) for value in kept)


def byte_size(value: SSAValue, shapes: Shapes) -> int:
    """The size of a tensor; 0 for what is none."""
    type_ = value.type
    if not isa(type_, TensorType) or not isinstance(type_.element_type, FixedBitwidthType):
        return 0
    shape: Shape = shapes.get(value, type_.get_shape())
    return math.prod(shape) * max(type_.element_type.bitwidth // 8, 1)
