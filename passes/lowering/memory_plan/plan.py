"""What a memory plan says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod

from xdsl.dialects.memref import AllocOp
from xdsl.ir import Attribute, SSAValue

from rlxc.passes.lowering.memory_plan.packing import Block, largest_live_set

ALIGNMENT = 64
"""Every buffer starts at a multiple of this many bytes: a cache line, and the widest vector."""


@dataclass(frozen=True)
class Buffer:
    """One temporary: `op` makes it, `block` is its size (in units of its region) and lifetime."""

    name: str
    type: Attribute
    op: AllocOp
    block: Block


@dataclass(frozen=True)
class Placement:
    """Where a buffer lies in its region: at `offset` units, rounded up, and `level` times the alignment further.

    The next one that is alive with it begins `reserved` units later, or still later.
    """

    buffer: Buffer
    offset: int
    reserved: int
    level: int

    @property
    def end(self) -> int:
        """Where others may begin, in units."""
        return self.offset + self.reserved


@dataclass(frozen=True)
class End:
    """A place at which buffers of a region have ended: `units`, rounded up, and `slack` bytes behind its start."""

    region: int
    units: int
    slack: int


@dataclass(frozen=True)
class Region:
    """A part of the arena for buffers whose sizes are multiples of one product of dimensions.

    With M the product of `factors`, a unit is M bytes: a buffer of size c has c*M bytes and lies at offset*M,
    whatever M is. If some offset is not a multiple of the alignment, offsets are rounded up, and each `level`
    of buffers on top of each other gets the alignment as slack, so that no two overlap for any M.

    The region starts at the last of the places `above`, or at 0 if there are none: behind those buffers of
    earlier regions that are alive while any of its own is.
    """

    factors: tuple[SSAValue, ...]
    names: tuple[str, ...]
    placements: tuple[Placement, ...]
    above: tuple[End, ...] = ()

    @cached_property
    def blocks(self) -> list[Block]:
        """The sizes and lifetimes of the buffers."""
        return [placement.buffer.block for placement in self.placements]

    @property
    def units(self) -> int:
        """The size without slack, in units."""
        return max(placement.end for placement in self.placements)

    @property
    def live_units(self) -> int:
        """The most that is alive at any time, in units."""
        return largest_live_set(self.blocks)

    @cached_property
    def is_aligned(self) -> bool:
        """Whether all offsets are multiples of the alignment for any M, without rounding and slack."""
        return all(placement.offset % ALIGNMENT == 0 for placement in self.placements)

    @property
    def slack(self) -> int:
        """The bytes that rounding offsets may cost."""
        return self.slack_of(self.placements)

    def slack_of(self, placements: Iterable[Placement]) -> int:
        """The bytes that rounding may move the end of some of the buffers."""
        return 0 if self.is_aligned else ALIGNMENT * (1 + max(placement.level for placement in placements))

    def bytes(self, units: int, sizes: Mapping[str, int]) -> int:
        """Units in bytes for given dimensions, by name, rounded up to the alignment."""
        return round_up(units * prod(sizes[name] for name in self.names))


@dataclass(frozen=True)
class MemoryPlan:
    """The temporaries of a function. The arena ends at the last of the places `ends`.

    `apart` are those whose size is not known when the function starts: they keep an allocation of their own.
    """

    function: str
    regions: tuple[Region, ...]
    ends: tuple[End, ...]
    apart: tuple[Buffer, ...]

    def arena_bytes(self, sizes: Mapping[str, int]) -> int:
        """The size of the arena for given dimensions, by name."""
        return self._last(self.ends, self.starts(sizes), sizes)

    def starts(self, sizes: Mapping[str, int]) -> list[int]:
        """Where each region starts, for given dimensions."""
        starts: list[int] = []
        for region in self.regions:
            starts.append(self._last(region.above, starts, sizes))
        return starts

    def live_bytes(self, sizes: Mapping[str, int]) -> int:
        """The most that is alive at any time, over all regions, for given dimensions: no arena can be smaller."""
        blocks = [
            Block(buffer.block.size * prod(sizes[name] for name in region.names), buffer.block.first, buffer.block.last)
            for region in self.regions
            for buffer in (placement.buffer for placement in region.placements)
        ]
        return largest_live_set(blocks)

    def _last(self, ends: Iterable[End], starts: list[int], sizes: Mapping[str, int]) -> int:
        places = (starts[end.region] + self.regions[end.region].bytes(end.units, sizes) + end.slack for end in ends)
        return max(places, default=0)


def round_up(size: int) -> int:
    """The next multiple of the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT
