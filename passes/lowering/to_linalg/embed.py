"""Embeddings."""

from __future__ import annotations

from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import IndexType, i1
from xdsl.ir import Attribute, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern

from rlxc.dialects.rlx import EmbedOp, PositionEmbedOp
from rlxc.dialects.rlx.embed import table_holds
from rlxc.passes.lowering.dims import as_size, dim
from rlxc.passes.lowering.scalars import Scalar, Size
from rlxc.passes.lowering.to_linalg.checks import check, check_shared_dims
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.structured import element_type_of, index, pointwise, reduce_all
from rlxc.passes.lowering.to_linalg.views import part


class EmbedToLinalg(RewritePattern):
    """embed -> a check that all ids are in range, then one pointwise lookup."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: EmbedOp, rewriter: PatternRewriter) -> None:
        scale = op.scale.value.data

        def row_element(token: Scalar) -> Scalar:
            element = _table_element(op.table, token, index(2))
            return element if scale == 1.0 else element * scale

        with emit_before(op, rewriter):
            check_ids(op)
            features = dim(op.table, 1)
            element_type = element_type_of(op.table)
            result = pointwise("bs->bsn", row_element, op.ids, sizes={"n": features}, element_type=element_type)
        rewriter.replace(op, (), (result,))


class PositionEmbedToLinalg(RewritePattern):
    """position_embed -> a check that the table has the rows, then the sum with these."""

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: PositionEmbedOp, rewriter: PatternRewriter) -> None:
        with emit_before(op, rewriter):
            check_shared_dims(op)
            position: Size = 0 if op.position is None else as_size(op.position)
            seq = dim(op.x, 1)
            check(op, position >= 0, "position is negative")
            check(op, position + seq <= dim(op.table, 0), f"x has more positions than {table_holds(op.table)}")
            rows = part(op.table, {0: (position, seq)}, hint=op.table.name_hint)
            result = pointwise("bsn,sn->bsn", lambda x, row: x + row, op.x, rows)
        rewriter.replace(op, (), (result,))


def check_ids(op: EmbedOp) -> None:
    """Check that the table has a row for each id."""
    vocabulary = dim(op.table, 0)
    check(op, _all_below(op.ids, vocabulary), f"a token id is not in [0, {_text(vocabulary)})")


def _all_below(ids: SSAValue, vocabulary: Size) -> Scalar:
    """Whether `0 <= id < vocabulary` for all ids; unsigned, a negative id is a large one."""
    bound = _cast(vocabulary, element_type_of(ids)) if isinstance(vocabulary, Scalar) else vocabulary
    valid = reduce_all("bs->", lambda token: token.is_below(bound), ids, hint="ids_valid")
    return Scalar(tensor.ExtractOp(valid, (), i1).result)


def _table_element(table: SSAValue, token: Scalar, column: Scalar) -> Scalar:
    row = _cast(token, IndexType())
    return Scalar(tensor.ExtractOp(table, (row.value, column.value), element_type_of(table)).result)


def _cast(number: Scalar, type_: Attribute) -> Scalar:
    """An integer as an index, or the reverse."""
    return Scalar(arith.IndexCastOp(number.value, type_).result)


def _text(size: Size) -> str:
    return str(size) if isinstance(size, int) else "the rows of the table"
