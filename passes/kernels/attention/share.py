"""Which blocks of queries a thread computes: for every thread nearly the same work."""

from __future__ import annotations

from collections.abc import Callable

from rlxc.passes.kernels.attention.block import QueryBlock
from rlxc.passes.kernels.attention.context import Context
from rlxc.passes.kernels.vectors import Carried, loop, when
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

    def for_share(self, body: Callable[[QueryBlock], None]) -> None:
        """Call `body` for each block of this thread."""
        context = self.context
        (of_head,) = loop(0, self.count, 1, [as_value(0)], lambda i, done: [(Scalar(done[0]) + self.work(i)).value])
        everything = maximum(Scalar(of_head) * context.heads, 1)

        def visit(number: Scalar, carried: Carried) -> Carried:
            done, head = Scalar(carried[0]), context.head(number // self.count)
            place = self.place(number - head.number * self.count)
            work = self.work(place)
            owner = (done * 2 + work) * context.num_threads // (everything * 2)
            when(owner.equals(context.thread), lambda: body(self.block(head.number, place)))
            return [(done + work).value]

        loop(0, context.heads * self.count, 1, [as_value(0)], visit)

    def block(self, head: Scalar, place: Scalar) -> QueryBlock:
        """A block of a head."""
        size = self.context.blocking.positions
        first = place * size
        return QueryBlock(self.context, self.context.head(head), first, minimum(self.context.q_len - first, size))

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
