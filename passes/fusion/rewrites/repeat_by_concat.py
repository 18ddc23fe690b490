"""Repeated heads written as slices of one tensor and a concatenation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat

from xdsl.dialects import tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, DenseArrayBase, IntegerType
from xdsl.ir import SSAValue

from rlxc.dialects.rlx import RepeatKvOp
from rlxc.dialects.rlx.base import is_static, shape_of
from rlxc.passes.fusion.support.rebuild import replace_located
from rlxc.passes.fusion.support.repeated_heads import type_obstacle
from rlxc.passes.fusion.support.rules import Guard, Missed, Rewrite, Verdict, first_reason
from rlxc.passes.fusion.support.sizes import axis_size, bytes_text, measured

_LAST = 2


def judge_concat(op: tensor.ConcatOp) -> Verdict:
    """A concatenation of pieces of one tensor, some of them more than once."""
    pieces = _pieces(op)
    if pieces is None or len(set(pieces)) == len(pieces):
        return None
    reason = first_reason(_GUARDS, _Concatenation(op, pieces))
    return _repeat(op, pieces) if reason is None else Missed(reason)


@dataclass(frozen=True)
class _Piece:
    """What one slice takes of its source along each axis; a dynamic size is what measures it."""

    source: SSAValue
    offsets: tuple[object, ...]
    sizes: tuple[object, ...]
    strides: tuple[object, ...]


@dataclass(frozen=True)
class _Concatenation:
    op: tensor.ConcatOp
    pieces: tuple[_Piece, ...]


def _pieces(op: tensor.ConcatOp) -> tuple[_Piece, ...] | None:
    """The inputs as pieces of one tensor; a single input repeated is the one piece of itself."""
    if len(set(op.inputs)) == 1:
        return tuple(_whole(value) for value in op.inputs)
    pieces = tuple(_sliced(value.owner) for value in op.inputs if isinstance(value.owner, tensor.ExtractSliceOp))
    one_source = len({piece.source for piece in pieces}) == 1
    return pieces if len(pieces) == len(op.inputs) and one_source else None


def _whole(value: SSAValue) -> _Piece:
    rank = len(shape_of(value))
    sizes = tuple(axis_size(value, axis) for axis in range(rank))
    return _Piece(value, (0,) * rank, sizes, (1,) * rank)


def _sliced(op: tensor.ExtractSliceOp) -> _Piece:
    return _Piece(
        op.source,
        _known(op.static_offsets, op.offsets),
        _known(op.static_sizes, op.sizes),
        _known(op.static_strides, op.strides),
    )


def _known(static: DenseArrayBase[IntegerType], dynamic: Sequence[SSAValue]) -> tuple[object, ...]:
    """The entries of a list of sizes that is split into static and dynamic ones."""
    values = iter(dynamic)
    entries: Sequence[int] = [int(entry) for entry in static.get_values()]
    return tuple(measured(next(values)) if entry == DYNAMIC_INDEX else entry for entry in entries)


def _rank_fits(concatenation: _Concatenation) -> str | None:
    ranks = {len(shape_of(value)) for value in (concatenation.op.result, concatenation.pieces[0].source)}
    return None if ranks == {3} else "heads are packed in the last axis of a tensor [batch, seq, features]"


def _axis_fits(concatenation: _Concatenation) -> str | None:
    axis = concatenation.op.dim.value.data
    return None if axis == _LAST else f"axis {axis} is concatenated, and heads are packed in axis {_LAST}"


def _strides_fit(concatenation: _Concatenation) -> str | None:
    dense = all(set(piece.strides) == {1} for piece in concatenation.pieces)
    return None if dense else "a slice has strides"


def _features_are_known(concatenation: _Concatenation) -> str | None:
    limits = (limit for piece in concatenation.pieces for limit in (piece.offsets[_LAST], piece.sizes[_LAST]))
    return None if all(isinstance(limit, int) for limit in limits) else "a slice has a dynamic offset or width"


def _other_axes_are_covered(concatenation: _Concatenation) -> str | None:
    for piece in concatenation.pieces:
        for axis in range(_LAST):
            if (piece.offsets[axis], piece.sizes[axis]) != (0, axis_size(piece.source, axis)):
                return f"a slice is not known to cover all of axis {axis}"
    return None


def _widths_are_equal(concatenation: _Concatenation) -> str | None:
    widths = sorted({width for piece in concatenation.pieces if isinstance(width := piece.sizes[_LAST], int)})
    if len(widths) == 1:
        return None
    return f"the slices are {' and '.join(map(str, widths))} wide, and heads are equally wide"


def _slices_are_heads(concatenation: _Concatenation) -> str | None:
    head_dim, features = _head_dim(concatenation.pieces), shape_of(concatenation.pieces[0].source)[_LAST]
    aligned = all(offset % head_dim == 0 for offset in _offsets(concatenation.pieces))
    whole = is_static(features) and features % head_dim == 0
    return None if aligned and whole else f"the slices are not the heads of head_dim = {head_dim} of their source"


def _every_head_is_there(concatenation: _Concatenation) -> str | None:
    heads, count = _heads(concatenation.pieces), _num_heads(concatenation.pieces)
    absent = sorted(set(range(count)) - set(heads))
    return f"head {absent[0]} of {count} is missing" if absent else None


def _heads_are_repeated_equally(concatenation: _Concatenation) -> str | None:
    counts = sorted(set(Counter(_heads(concatenation.pieces)).values()))
    return None if len(counts) == 1 else f"some heads occur {counts[0]} times, others {counts[-1]} times"


def _heads_are_in_order(concatenation: _Concatenation) -> str | None:
    heads, count = _heads(concatenation.pieces), _num_heads(concatenation.pieces)
    expected = list(chain.from_iterable(repeat(head, len(heads) // count) for head in range(count)))
    if heads == expected:
        return None
    return f"the order of heads is {_numbers(heads)}, and grouped queries need {_numbers(expected)}"


def _type_fits(concatenation: _Concatenation) -> str | None:
    pieces = concatenation.pieces
    return type_obstacle(pieces[0].source, concatenation.op.result, len(pieces) // _num_heads(pieces))


_GUARDS: tuple[Guard[_Concatenation], ...] = (
    _rank_fits,
    _axis_fits,
    _strides_fit,
    _features_are_known,
    _other_axes_are_covered,
    _widths_are_equal,
    _slices_are_heads,
    _every_head_is_there,
    _heads_are_repeated_equally,
    _heads_are_in_order,
    _type_fits,
)


def _repeat(op: tensor.ConcatOp, pieces: Sequence[_Piece]) -> Rewrite:
    head_dim, group = _head_dim(pieces), len(pieces) // _num_heads(pieces)
    return Rewrite(
        f"copies each head of {head_dim} for a group of {group} ({bytes_text([op.result])})",
        lambda rewriter: replace_located(rewriter, op, [RepeatKvOp(pieces[0].source, head_dim=head_dim, group=group)]),
    )


def _head_dim(pieces: Sequence[_Piece]) -> int:
    width = pieces[0].sizes[_LAST]
    assert isinstance(width, int)
    return width


def _offsets(pieces: Sequence[_Piece]) -> list[int]:
    return [offset for piece in pieces if isinstance(offset := piece.offsets[_LAST], int)]


def _heads(pieces: Sequence[_Piece]) -> list[int]:
    """Which head of the source each piece is."""
    return [offset // _head_dim(pieces) for offset in _offsets(pieces)]


def _num_heads(pieces: Sequence[_Piece]) -> int:
    return shape_of(pieces[0].source)[_LAST] // _head_dim(pieces)


def _numbers(heads: Sequence[int]) -> str:
    return " ".join(map(str, heads))
