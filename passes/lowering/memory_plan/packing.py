"""Packs blocks that are alive for some time into as little memory as possible: offline storage allocation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Block:
    """Memory of some size that is needed from one time to another, both included."""

    size: int
    first: int
    last: int


def pack(blocks: Sequence[Block]) -> list[int]:
    """An offset for each block, such that blocks alive at the same time do not overlap.

    Each block goes into the gap that it fits best, in several orders; the lowest result counts. Then
    a block that sticks out is placed first, a few times, if that can help: finding the optimum is NP-hard.
    """
    meetings, lowest = meeting(blocks), largest_live_set(blocks)
    orders = [sorted(range(len(blocks)), key=lambda n: key(blocks[n])) for key in _ORDERS]
    best = min((_place(blocks, order, meetings) for order in orders), key=lambda offsets: height(blocks, offsets))
    order = orders[0]
    for _ in range(min(len(blocks), _ATTEMPTS)):
        if height(blocks, best) == lowest:
            break
        offsets = _place(blocks, order, meetings)
        best = min(best, offsets, key=lambda offsets: height(blocks, offsets))
        highest = max(order, key=lambda n: offsets[n] + blocks[n].size)
        order.remove(highest)
        order.insert(0, highest)
    return best


def height(blocks: Sequence[Block], offsets: Sequence[int]) -> int:
    """How much memory a packing takes."""
    return max((offset + block.size for block, offset in zip(blocks, offsets, strict=True)), default=0)


def largest_live_set(blocks: Sequence[Block]) -> int:
    """The most memory that is alive at any time: no packing takes less."""
    starts = [(block.first, block.size) for block in blocks]
    ends = [(block.last + 1, -block.size) for block in blocks]
    live = largest = 0
    for _, change in sorted(starts + ends):
        live += change
        largest = max(largest, live)
    return largest


def levels(blocks: Sequence[Block], offsets: Sequence[int]) -> list[int]:
    """How many blocks lie below each one: the most in any chain of blocks that meet."""
    found, meetings = [0] * len(blocks), meeting(blocks)
    for n in sorted(range(len(blocks)), key=lambda n: offsets[n]):
        found[n] = max((found[m] + 1 for m in meetings[n] if offsets[m] < offsets[n]), default=0)
    return found


def meeting(blocks: Sequence[Block]) -> list[list[int]]:
    """For each block, the others that are alive at some time at which it is."""
    found: list[list[int]] = [[] for _ in blocks]
    alive: list[int] = []
    for n in sorted(range(len(blocks)), key=lambda n: blocks[n].first):
        alive = [m for m in alive if blocks[m].last >= blocks[n].first]
        for m in alive:
            found[n].append(m)
            found[m].append(n)
        alive.append(n)
    return found


_ATTEMPTS = 32

_ORDERS: tuple[Callable[[Block], tuple[int, ...]], ...] = (
    lambda block: (-block.size, block.first),
    lambda block: (-block.size * (block.last - block.first + 1), block.first),
    lambda block: (block.first - block.last, -block.size),
    lambda block: (block.first, -block.size),
)


def _place(blocks: Sequence[Block], order: Sequence[int], meetings: Sequence[Sequence[int]]) -> list[int]:
    """Place blocks in the given order, each in the smallest gap that is large enough, else on top."""
    offsets: dict[int, int] = {}
    for n in order:
        neighbours = sorted((offsets[m], blocks[m].size) for m in meetings[n] if m in offsets)
        offsets[n] = _best_gap(neighbours, blocks[n].size)
    return [offsets[n] for n in range(len(blocks))]


def _best_gap(neighbours: Sequence[tuple[int, int]], size: int) -> int:
    """Where a block fits best between neighbours, (offset, size) by offset."""
    end, gaps = 0, list[tuple[int, int]]()
    for offset, length in neighbours:
        if offset - end >= size:
            gaps.append((offset - end, end))
        end = max(end, offset + length)
    return min(gaps)[1] if gaps else end
