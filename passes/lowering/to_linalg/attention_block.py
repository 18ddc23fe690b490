"""The attention of one block of queries, with the scores of the block in full."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.dialects.rlx import MaskAttr
from rlxc.dialects.rlx.base import shape_of
from rlxc.passes.lowering.dims import dim
from rlxc.passes.lowering.scalars import (
    Condition,
    Scalar,
    Size,
    all_of,
    exp,
    greater_float,
    maximum,
    minimum,
    named,
    select,
)
from rlxc.passes.lowering.to_linalg.activation import softcap
from rlxc.passes.lowering.to_linalg.structured import contract, index, pointwise, reduce_max, reduce_sum
from rlxc.passes.lowering.to_linalg.views import Range, part

_QUERY, _KEY = 3, 4
"""The loops of the queries and the keys of the scores `[b, h, g, q, k]`."""


@dataclass(frozen=True)
class BlockedAttention:
    """The operands of an attention, ready to be cut into blocks.

    `q` is `[B, Q, num_kv_heads, group, head_dim]`, `k` and `v` `[B, K, num_kv_heads, head_dim]`,
    `padding` `[B, K]`, `bias` `[B, num_kv_heads, group, Q, K]`, or `[B, 1, Q, K]` for all heads.
    """

    q: SSAValue
    k: SSAValue
    v: SSAValue
    padding: SSAValue | None
    bias: SSAValue | None
    mask: MaskAttr
    query_offset: Size
    starts_before_keys: bool
    """Whether the first queries may have negative positions."""
    scale: float
    softcap: float | None

    def block(self, start: Size, rows: Size, max_rows: Size) -> SSAValue:
        """The attention of the queries in `[start, start + rows)`, `rows <= max_rows`."""
        queries, keys = (start, rows), self._visible_range(start, rows, max_rows)
        weights, row_sum = _weights(self._masked(self._scores(queries, keys), queries, keys))
        v = part(self.v, {1: keys}, hint="v_block")
        context = contract("bhgqk,bkhd->bqhgd", weights, v, loops="bhgqkd", hint="context")
        # The largest weight of a row is 1, so that its sum is below 1 only in a row without keys, where it is 0.
        return pointwise(
            "bqhgd,bhgq->bqhgd",
            lambda context, row_sum: context / greater_float(row_sum, 1.0),
            context,
            row_sum,
            hint="block",
        )

    def _scores(self, queries: Range, keys: Range) -> SSAValue:
        """The products of queries and keys."""
        q, k = part(self.q, {1: queries}, hint="q_block"), part(self.k, {1: keys}, hint="k_block")
        return contract("bqhgd,bkhd->bhgqk", q, k, loops="bhgqkd", hint="scores")

    def _visible_range(self, start: Size, rows: Size, max_rows: Size) -> Range:
        """The keys that some query of the block may see by its position: first key and number."""
        kv_len, first_position = dim(self.k, 1), start + self.query_offset
        if self.mask.is_none:
            return 0, kv_len
        end_position = first_position + rows
        end = named(minimum(kv_len, maximum(end_position, 0) if self.starts_before_keys else end_position), "key_end")
        window = self.mask.window_size
        if window is None:
            return 0, end
        first = named(minimum(end, maximum(first_position - (window - 1), 0)), "first_key")
        return first, named(minimum(minimum(kv_len, max_rows + (window - 1)), end - first), "keys")

    def _masked(self, scores: SSAValue, queries: Range, keys: Range) -> SSAValue:
        """The scores scaled, capped and biased, minus infinity where a key is invisible."""
        inputs = [("bhgqk", scores), *self._bias_term(queries, keys), *self._padding_term(keys)]
        # Of the keys in range, the only query of a block sees all.
        by_position = not self.mask.is_none and queries[1] != 1
        first_position = self.query_offset + queries[0]

        def body(score: Scalar, *others: Scalar) -> Scalar:
            rest = iter(others)
            score = self._transformed(score)
            score = score if self.bias is None else score + next(rest)
            visible: list[Condition] = [] if self.padding is None else [next(rest)]
            if by_position:
                query, key = index(_QUERY) + first_position, index(_KEY) + keys[0]
                visible += self._sees(named(query, "query"), named(key, "key"))
            return select(all_of(visible), score, -math.inf) if visible else score

        if len(inputs) == 1 and not by_position and self.scale == 1.0 and self.softcap is None:
            return scores
        notation = f"{','.join(term for term, _ in inputs)}->bhgqk"
        hint = "masked" if by_position or self.padding is not None else "scaled"
        return pointwise(notation, body, *(value for _, value in inputs), hint=hint)

    def _transformed(self, score: Scalar) -> Scalar:
        scaled = score * self.scale
        return scaled if self.softcap is None else softcap(scaled, self.softcap)

    def _sees(self, query: Scalar, key: Scalar) -> Iterator[Condition]:
        """The conditions under which a query sees a key, by their positions."""
        yield key <= query
        if self.mask.window_size is not None:
            yield key > query - self.mask.window_size

    def _bias_term(self, queries: Range, keys: Range) -> Iterator[tuple[str, SSAValue]]:
        if self.bias is not None:
            query_axis = len(shape_of(self.bias)) - 2
            term = "b1qk" if query_axis == 2 else "bhgqk"
            yield term, part(self.bias, {query_axis: queries, query_axis + 1: keys}, hint="bias_block")

    def _padding_term(self, keys: Range) -> Iterator[tuple[str, SSAValue]]:
        if self.padding is not None:
            yield "bk", part(self.padding, {1: keys}, hint="padding_block")


def _weights(scores: SSAValue) -> tuple[SSAValue, SSAValue]:
    """The numerators of the softmax and their sum: zeros in a row without visible keys.

    The maximum starts from a finite number, so that the difference is not inf - inf in such a row.
    """
    row_max = reduce_max("bhgqk->bhgq", scores, hint="row_max")
    weights = pointwise("bhgqk,bhgq->bhgqk", lambda s, row_max: exp(s - row_max), scores, row_max, hint="weights")
    return weights, reduce_sum("bhgqk->bhgq", lambda weight: weight, weights, hint="row_sum")
