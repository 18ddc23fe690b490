"""Packing: blocks that are alive together do not overlap, and little memory is lost."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from rlxc.passes.lowering.memory_plan.packing import Block, height, largest_live_set, pack


def block(size: int, first: int, length: int) -> Block:
    return Block(size, first, first + length)


BLOCKS = st.lists(st.builds(block, st.integers(0, 20), st.integers(0, 30), st.integers(0, 10)), max_size=25)


@given(BLOCKS)
def test_blocks_alive_together_do_not_overlap(blocks: list[Block]):
    offsets = pack(blocks)
    assert all(offset >= 0 for offset in offsets)
    for (a, at), (b, bt) in combinations(zip(blocks, offsets, strict=True), 2):
        assert a.last < b.first or b.last < a.first or at + a.size <= bt or bt + b.size <= at


@given(BLOCKS)
def test_largest_live_set(blocks: list[Block]):
    alive = (sum(b.size for b in blocks if b.first <= time <= b.last) for time in range(45))
    assert largest_live_set(blocks) == max(alive)


@given(BLOCKS)
def test_height(blocks: list[Block]):
    found = height(blocks, pack(blocks))
    assert largest_live_set(blocks) <= found <= sum(block.size for block in blocks)


def test_a_gap_is_filled():
    blocks = [Block(4, 0, 1), Block(2, 0, 9), Block(4, 2, 9), Block(1, 0, 0), Block(1, 1, 9)]
    assert height(blocks, pack(blocks)) == largest_live_set(blocks) == 7
