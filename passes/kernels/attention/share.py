"""Which blocks of queries a thread computes: for every thread nearly the same work."""

from __future__ import annotations

from rlxc.passes.kernels.attention.block import QueryBlock
from rlxc.passes.kernels.attention.context import Context, Head
from rlxc.passes.kernels.attention.keys import PackedKeys
from rlxc.passes.kernels.vectors import Carried, each, loop, when
from rlxc.passes.lowering.scalars import Scalar, Size, as_value, maximum, minimum, select


class Blocks:
    """The blocks of queries of all heads, in an order in which long ones and short ones take turns.

    The work of a block is the number of keys that it meets. A thread takes the blocks whose middle
    lies in its part of the work of all blocks.
    """

    def __init__(self, context: Context):
        self.context = context
        size = context.blocking.positions
        self.count = (context.q_len + (size - 1)) // size

    def run(self) -> None:
        """Compute the blocks of this thread."""
        context = self.context
        (of_head,) = loop(0, self.count, 1, [as_value(0)], lambda i, done: [(Scalar(done[0]) + self.work(i)).value])
        everything = maximum(Scalar(of_head) * context.heads, 1)

        def visit(number: Scalar, carried: Carried) -> Carried:
            done, head = Scalar(carried[0]), context.head(number // self.count)
            place = self.place(number - head.number * self.count)
            work = self.work(place)
            owner = (done * 2 + work) * context.num_threads // (everything * 2)
            when(owner.equals(context.thread), lambda: self.compute(head, place))
            return [(done + work).value]

        loop(0, context.heads * self.count, 1, [as_value(0)], visit)

    def compute(self, head: Head, place: Scalar) -> None:
        """Compute a block of a head."""
        context, size, width = self.context, self.context.blocking.positions, self.context.blocking.keys
        first = place * size
        count = minimum(context.q_len - first, size)
        block = QueryBlock(context, head, first, count, context.block_memory())
        block.begin()
        source = PackedKeys(context, head)
        first_key, end = context.visibility.first(first), context.visibility.end(first + count - 1)
        each(first_key // width * width, end, width, lambda start: block.meet_keys(source, start, width))
        each(0, block.rows, 1, block.store_row)

    def place(self, turn: Scalar) -> Scalar:
        """The block of a turn: 0, the last, 1, the last but one, and so on."""
        half = turn // 2
        return select(_is_even(turn), half, self.count - 1 - half)

    def work(self, place: Scalar) -> Size:
        """How many keys the last query of a block and the first one see, about; and something for the block itself."""
        size, visibility = self.context.blocking.positions, self.context.visibility
        first = place * size
        last = minimum(first + (size - 1), self.context.q_len - 1)
        keys = maximum(visibility.end(last) - visibility.first(first), 0)
        return keys + self.context.blocking.keys // 2


def _is_even(number: Scalar) -> Scalar:
    condition = (number // 2 * 2).equals(number)
    assert isinstance(condition, Scalar)
    return condition
