"""A merged projection as one matmul for each key."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import TensorType
from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import PatternRewriter
from xdsl.rewriter import InsertPoint

from rlxc.dialects.rlx import MatmulOp, ParamOp, SplitOp
from rlxc.dialects.rlx.base import shape_of, tensor_type
from rlxc.passes.fusion.support.rebuild import named, replace_located, used_only_by
from rlxc.passes.fusion.support.rules import Missed, Rewrite, Verdict


def judge_merged(op: SplitOp) -> Verdict:
    """The parts of a projection by a parameter of several keys."""
    merged = op.x.owner
    if not isinstance(merged, MatmulOp) or len(_keys(merged.weight)) < 2:
        return None
    reason = _obstacle(op, merged)
    if reason is not None:
        return Missed(reason)
    return Rewrite(
        f"{len(op.parts)} projections, each by a weight of its own", lambda rewriter: _unmerge(rewriter, op, merged)
    )


def _keys(value: SSAValue) -> tuple[str, ...]:
    return value.owner.key_names if isinstance(value.owner, ParamOp) else ()


def _obstacle(op: SplitOp, merged: MatmulOp) -> str | None:
    parts = len(op.parts)
    if merged.residual is not None:
        return "the merged projection adds a residual"
    if not used_only_by(merged.result, op):
        return "the merged projection has another user, and would be computed twice"
    for name, value in (("weight", merged.weight), ("bias", merged.bias)):
        if value is None:
            continue
        if (keys := len(_keys(value))) != parts:
            return f"the {name} has {keys} keys, but the projection {parts} parts"
        if isinstance(value.owner, ParamOp) and value.owner.digest is not None:
            return f"the digest of the {name} is that of all its keys together"
    return None


def _unmerge(rewriter: PatternRewriter, op: SplitOp, merged: MatmulOp) -> None:
    weights = _separated(rewriter, merged.weight, op.size_list)
    biases = [None] * len(weights) if merged.bias is None else _separated(rewriter, merged.bias, op.size_list)
    activation = None if merged.activation is None else merged.activation.data
    projections = [
        named(MatmulOp(merged.x, weight, bias=bias, activation=activation), part.name_hint)
        for weight, bias, part in zip(weights, biases, op.parts, strict=True)
    ]
    replace_located(rewriter, op, projections, [projection.result for projection in projections])


def _separated(rewriter: PatternRewriter, value: SSAValue, widths: Sequence[int]) -> list[ParamOp]:
    """The parameter of each key, made where the merged one stands."""
    merged = value.owner
    assert isinstance(merged, ParamOp)
    *leading, _ = shape_of(value)
    params = [
        ParamOp(
            [key],
            TensorType(tensor_type(value).element_type, [*leading, width]),
            transposed=merged.transposed is not None,
        )
        for key, width in zip(merged.key_names, widths, strict=True)
    ]
    for param in params:
        param.location = merged.location
    rewriter.insert(params, InsertPoint.before(merged))
    return params
