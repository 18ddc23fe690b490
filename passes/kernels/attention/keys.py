"""Where the keys and values of a block come from, and how tiles of queries meet them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from xdsl.ir import SSAValue

from rlxc.passes.kernels.attention.context import Context, Head
from rlxc.passes.kernels.attention.tile import scores_name, values_name
from rlxc.passes.kernels.vectors import call
from rlxc.passes.kernels.views import part, rectangle, run_of_elements
from rlxc.passes.lowering.scalars import Scalar, Size, as_value, minimum


@dataclass(frozen=True)
class Keys:
    """The keys `first : end` of a block that begins at `start`, counted from there."""

    start: Scalar
    first: Size
    end: Size
    lanes: int

    @property
    def vectors(self) -> tuple[Size, Size]:
        """The first and the end of the vectors that hold these keys."""
        lanes = self.lanes
        return self.first // lanes * lanes, (self.end + (lanes - 1)) // lanes * lanes


class KeySource(Protocol):
    """The keys and values of one key/value head."""

    def score(self, queries: SSAValue, scores: SSAValue, keys: Keys) -> None:
        """Compute the scores of a tile, at least those of the keys."""
        ...

    def add_values(self, weights: SSAValue, sums: SSAValue, statistics: SSAValue, keys: Keys) -> None:
        """Correct the sums of a tile, and add the weighted values of the keys."""
        ...

    def padding(self, keys: Keys) -> SSAValue:
        """What padding adds to the scores of the block."""
        ...


class PackedKeys:
    """Panels of keys, and values in whole vectors, that all threads have packed."""

    def __init__(self, context: Context, head: Head):
        self.context, self.blocking, self.head = context, context.blocking, head

    def score(self, queries: SSAValue, scores: SSAValue, keys: Keys) -> None:
        """See `KeySource`; whole vectors are computed."""
        width, depth = self.blocking.panel_width, self.blocking.head_dim
        before = keys.start // width
        count = minimum(self.context.workspace.panels - before, self.blocking.keys // width)
        kind = rectangle(None, width, width)
        panels = part(self.context.panels(self.head), [before * depth, 0], [count * depth, width], kind)
        call(scores_name(self.blocking), queries, panels, scores, *map(as_value, keys.vectors))

    def add_values(self, weights: SSAValue, sums: SSAValue, statistics: SSAValue, keys: Keys) -> None:
        """See `KeySource`."""
        width = self.blocking.row_width
        rows = self.context.values(self.head)
        values = part(rows, [keys.start, 0], [keys.end, width], rectangle(None, width, width))
        ends = map(as_value, (keys.first, keys.end))
        call(values_name(self.blocking, width), weights, values, sums, statistics, *ends)

    def padding(self, keys: Keys) -> SSAValue:
        """See `KeySource`."""
        offset = self.context.workspace.padding_of(self.head.batch, keys.start)
        return part(self.context.memory.workspace, [offset], [keys.vectors[1]], run_of_elements())
