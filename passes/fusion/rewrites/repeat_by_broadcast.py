"""Repeated heads written as a broadcast along a new axis, between reshapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from xdsl.dialects import tensor
from xdsl.dialects.linalg.attrs import IteratorType
from xdsl.dialects.linalg.ops import BroadcastOp, GenericOp, YieldOp
from xdsl.ir import Operation, SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineMap
from xdsl.pattern_rewriter import PatternRewriter

from rlxc.dialects.rlx import RepeatKvOp
from rlxc.dialects.rlx.base import is_static, shape_of
from rlxc.passes.fusion.support.rebuild import replace_located
from rlxc.passes.fusion.support.repeated_heads import type_obstacle
from rlxc.passes.fusion.support.rules import Guard, Missed, Rewrite, Verdict, first_reason
from rlxc.passes.fusion.support.sizes import bytes_text

_LEADING = ((0,), (1,))
"""How batch and sequence go through a reshape that touches only the heads."""

Groups: TypeAlias = tuple[tuple[int, ...], ...]
"""A reshape: for each axis on the narrow side, the axes on the wide side."""


def judge_collapse(op: tensor.CollapseShapeOp) -> Verdict:
    """The reshape that joins the heads that a broadcast has copied."""
    joined, joins = _before_collapses(op.result)
    copies = _copies_of(joined)
    if copies is None:
        return None
    source, separations = _before_expands(copies.source)
    if len(shape_of(source)) != 3 or len(shape_of(op.result)) != 3:
        return None
    candidate = _RepeatedHeads(op, source, separations, copies, joins)
    reason = first_reason(_GUARDS, candidate)
    return _repeat(candidate) if reason is None else Missed(reason)


@dataclass(frozen=True)
class _Copies:
    """An operation that copies `source` along the axes `added` of its result."""

    op: BroadcastOp | GenericOp
    source: SSAValue
    added: tuple[int, ...]


@dataclass(frozen=True)
class _RepeatedHeads:
    op: tensor.CollapseShapeOp
    source: SSAValue
    separations: Groups
    copies: _Copies
    joins: Groups

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the copies: batch, sequence, heads (none if there is one), group, head_dim."""
        return shape_of(self.copies.op.results[0])


def _before_collapses(value: SSAValue) -> tuple[SSAValue, Groups]:
    """What a chain of `collapse_shape` joins, and how."""
    groups: Groups = tuple((axis,) for axis in range(len(shape_of(value))))
    while isinstance(op := value.owner, tensor.CollapseShapeOp):
        groups = _composed(groups, _groups_of(op))
        value = op.src
    return value, groups


def _before_expands(value: SSAValue) -> tuple[SSAValue, Groups]:
    """What a chain of `expand_shape` separates, and how."""
    groups: Groups = tuple((axis,) for axis in range(len(shape_of(value))))
    while isinstance(op := value.owner, tensor.ExpandShapeOp):
        groups = _composed(_groups_of(op), groups)
        value = op.src
    return value, groups


def _groups_of(op: tensor.CollapseShapeOp | tensor.ExpandShapeOp) -> Groups:
    return tuple(tuple(axis.value.data for axis in axes) for axes in op.reassociation)


def _composed(outer: Groups, inner: Groups) -> Groups:
    return tuple(tuple(axis for middle in group for axis in inner[middle]) for group in outer)


def _copies_of(value: SSAValue) -> _Copies | None:
    """The broadcast that makes `value`, named or generic."""
    match value.owner:
        case BroadcastOp() as op:
            return _Copies(op, op.input, tuple(op.dimensions.get_values()))
        case GenericOp() as op if len(op.inputs) == len(op.outputs) == 1 and _only_copies(op):
            added = _added_axes(op)
            return _Copies(op, op.inputs[0], added) if added else None
        case _:
            return None


def _only_copies(op: GenericOp) -> bool:
    """Whether a generic yields its input, at each index of the output."""
    parallel = all(kind.data == IteratorType.PARALLEL for kind in op.iterator_types)
    output_map = op.indexing_maps.data[1].data
    only = op.body.block.first_op
    yields_input = isinstance(only, YieldOp) and tuple(only.operands) == (op.body.block.args[0],)
    return parallel and yields_input and output_map == AffineMap.identity(output_map.num_dims)


def _added_axes(op: GenericOp) -> tuple[int, ...]:
    """The output axes along which a generic copies; none if it also permutes."""
    input_map = op.indexing_maps.data[0].data
    kept = [expr.position for expr in input_map.results if isinstance(expr, AffineDimExpr)]
    others = [expr for expr in input_map.results if not isinstance(expr, AffineDimExpr)]
    if kept != sorted(set(kept)) or any(expr != AffineConstantExpr(0) for expr in others):
        return ()
    return tuple(axis for axis in range(input_map.num_dims) if axis not in kept)


def _reshapes_keep_tokens(candidate: _RepeatedHeads) -> str | None:
    for groups in (candidate.separations, candidate.joins):
        if groups[:2] != _LEADING:
            return "the reshapes touch the batch or sequence axis"
    return None


def _group_follows_heads(candidate: _RepeatedHeads) -> str | None:
    added, group_axis = candidate.copies.added, len(candidate.shape) - 2
    if added == (group_axis,) and group_axis > 1:
        return None
    axes = " and ".join(map(str, added))
    return f"copies along axis {axes}; a group of queries needs them right after the heads, along axis {group_axis}"


def _heads_are_static(candidate: _RepeatedHeads) -> str | None:
    static = all(is_static(size) for size in candidate.shape[2:])
    return None if static else "the heads, the group or head_dim are not static"


def _type_fits(candidate: _RepeatedHeads) -> str | None:
    return type_obstacle(candidate.source, candidate.op.result, candidate.shape[-2])


_GUARDS: tuple[Guard[_RepeatedHeads], ...] = (
    _reshapes_keep_tokens,
    _group_follows_heads,
    _heads_are_static,
    _type_fits,
)


def _repeat(candidate: _RepeatedHeads) -> Rewrite:
    *_, group, head_dim = candidate.shape
    copied = bytes_text([candidate.op.result])

    def apply(rewriter: PatternRewriter) -> None:
        joins = _joins_after(candidate)
        replace_located(rewriter, candidate.op, [RepeatKvOp(candidate.source, head_dim=head_dim, group=group)])
        for op in joins:
            if not any(result.uses for result in op.results):
                rewriter.erase(op)

    return Rewrite(f"copies each head of {head_dim} for a group of {group} ({copied})", apply)


def _joins_after(candidate: _RepeatedHeads) -> list[Operation]:
    """The operations from the candidate down to the copies, which have no trait that lets them vanish when unused."""
    ops: list[Operation] = []
    value = candidate.op.src
    while isinstance(op := value.owner, tensor.CollapseShapeOp):
        ops.append(op)
        value = op.src
    return [*ops, candidate.copies.op]
