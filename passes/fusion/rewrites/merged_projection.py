"""One matmul in the place of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import takewhile

from xdsl.dialects.builtin import TensorType
from xdsl.ir import SSAValue
from xdsl.pattern_rewriter import PatternRewriter
from xdsl.rewriter import InsertPoint

from rlxc.dialects.rlx import Activation, MatmulOp, ParamOp, SplitOp
from rlxc.dialects.rlx.base import shape_of, tensor_type
from rlxc.passes.fusion.support.rebuild import fused_location


@dataclass(frozen=True)
class ProjectionKind:
    """What projections must have in common to be merged."""

    orientation: bool
    bias: bool
    activation: Activation | None


def kind_of(projection: MatmulOp) -> ProjectionKind:
    """The kind of a projection by a parameter."""
    return ProjectionKind(
        orientation=_param(projection.weight).transposed is not None,
        bias=projection.bias is not None,
        activation=None if projection.activation is None else projection.activation.data,
    )


def kind_differences(kind: ProjectionKind, other: ProjectionKind) -> str:
    """In what two kinds differ: `bias and activation`."""
    names = (field.name for field in fields(ProjectionKind))
    return " and ".join(name for name in names if getattr(kind, name) != getattr(other, name))


def params_of(projection: MatmulOp) -> list[ParamOp]:
    """The weight and the bias of a projection by parameters."""
    return [_param(value) for value in (projection.weight, projection.bias) if value is not None]


def merge(projections: Sequence[MatmulOp]) -> None:
    """Replace projections of one kind by one, where the first stands, and a split of its result."""
    first, params = projections[0], [params_of(projection) for projection in projections]
    merged_params = [_merged_param(same) for same in zip(*params, strict=True)]
    weight, *bias = merged_params
    merged = MatmulOp(first.x, weight, bias=bias[0] if bias else None, activation=kind_of(first).activation)
    split = SplitOp(merged, [shape_of(projection.weight)[-1] for projection in projections])
    merged.result.name_hint = _joined_hint([projection.result for projection in projections])
    merged.location = split.location = fused_location(projections)

    rewriter = PatternRewriter(first)
    rewriter.insert([*merged_params, merged, split], InsertPoint.before(first))
    for projection, part in zip(projections, split.parts, strict=True):
        rewriter.replace(projection, (), [part])
    for param in (param for same in params for param in same):
        rewriter.erase(param)


def _param(value: SSAValue) -> ParamOp:
    assert isinstance(value.owner, ParamOp)
    return value.owner


def _merged_param(params: Sequence[ParamOp]) -> ParamOp:
    """The concatenation of parameters along the output axis, their last."""
    *leading, _ = shape_of(params[0].result)
    merged = ParamOp(
        [key for param in params for key in param.key_names],
        TensorType(
            tensor_type(params[0].result).element_type, [*leading, sum(shape_of(param.result)[-1] for param in params)]
        ),
        transposed=params[0].transposed is not None,
    )
    merged.location = fused_location(params)
    merged.result.name_hint = _joined_hint([param.result for param in params])
    return merged


def _joined_hint(values: Sequence[SSAValue]) -> str | None:
    """`q_k_proj_weight` for values named q_proj_weight and k_proj_weight; nothing if one has no name."""
    names = [value.name_hint.split("_") for value in values if value.name_hint is not None]
    if len(names) < len(values):
        return None
    endings = zip(*(reversed(words[1:]) for words in names), strict=False)
    shared = len(list(takewhile(lambda words: len(set(words)) == 1, endings)))
    starts = [word for words in names for word in words[: len(words) - shared]]
    return "_".join([*starts, *names[0][len(names[0]) - shared :]])
