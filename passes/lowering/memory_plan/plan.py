"""What a memory plan says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod

from xdsl.dialects.memref import AllocOp
from xdsl.ir import Attribute, SSAValue

from rlxc.passes.lowering.memory_plan.packing import Block, height, largest_live_set

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
    """Where a buffer lies in its region: at `offset` units, rounded up, and `level` times the alignment further."""

    buffer: Buffer
    offset: int
    level: int


@dataclass(frozen=True)
class Region:
    """A part of the arena for buffers whose sizes are multiples of one product of dimensions.

    With M the product of `factors`, a unit is M bytes: a buffer of size c has c*M bytes and lies at offset*M,
    whatever M is. If some offset is not a multiple of the alignment, offsets are rounded up, and each `level`
    of buffers on top of each other gets the alignment as slack, so that no two overlap for any M.
    """

    factors: tuple[SSAValue, ...]
    names: tuple[str, ...]
    placements: tuple[Placement, ...]

    @cached_property
    def blocks(self) -> list[Block]:
        """The sizes and lifetimes of the buffers."""
        return [placement.buffer.block for placement in self.placements]

    @property
    def units(self) -> int:
        """The size without slack, in units."""
        return height(self.blocks, [placement.offset for placement in self.placements])

    @property
    def live_units(self) -> int:
        """The most that is alive at any time, in units."""
        return largest_live_set(self.blocks)

    @property
    def is_aligned(self) -> bool:
        """Whether all offsets are multiples of the alignment for any M, without rounding and slack."""
        return all(placement.offset % ALIGNMENT == 0 for placement in self.placements)

    @property
    def slack(self) -> int:
        """The bytes that rounding offsets may cost."""
        return 0 if self.is_aligned else ALIGNMENT * (1 + max(placement.level for placement in self.placements))

    def bytes(self, sizes: Mapping[str, int]) -> int:
        """The size for given dimensions, by name."""
        return round_up(self.units * prod(sizes[name] for name in self.names)) + self.slack


@dataclass(frozen=True)
class MemoryPlan:
    """The temporaries of a function.

    `apart` are those whose size is not known when the function starts: they keep an allocation of their own.
    """

    function: str
    regions: tuple[Region, ...]
    apart: tuple[Buffer, ...]

    def arena_bytes(self, sizes: Mapping[str, int]) -> int:
        """The size of the arena for given dimensions, by name."""
        return sum(region.bytes(sizes) for region in self.regions)

    def live_bytes(self, sizes: Mapping[str, int]) -> int:
        """The most that is alive at any time, over all regions, for given dimensions: no arena can be smaller."""
        blocks = [
            Block(buffer.block.size * prod(sizes[name] for name in region.names), buffer.block.first, buffer.block.last)
            for region in self.regions
            for buffer in (placement.buffer for placement in region.placements)
        ]
        return largest_live_set(blocks)

    def __str__(self) -> str:
        """A table of all buffers: where they lie, and from which to which operation they are alive."""
        buffers = sum(len(region.placements) for region in self.regions)
        total = " + ".join(_term(region.units, region.names, region.slack) for region in self.regions) or "0"
        lines = [f"memory plan of @{self.function}: {buffers} buffers in {total} bytes"]
        for region in self.regions:
            lines += _table(region)
        lines += [f"  allocated apart: {buffer.name} : {buffer.type}" for buffer in self.apart]
        return "\n".join(lines)


def round_up(size: int) -> int:
    """The next multiple of the alignment."""
    return -(-size // ALIGNMENT) * ALIGNMENT


def _table(region: Region) -> list[str]:
    """The buffers of a region by their offset."""
    live = _term(region.live_units, region.names, 0)
    lines = [f"  {_term(region.units, region.names, region.slack)} bytes, of which at most {live} are alive at once"]
    lines.append(f"    {'offset':>10} {'size':>10}   alive      buffer")
    for placed in sorted(region.placements, key=lambda placed: (placed.offset, placed.buffer.block.first)):
        block = placed.buffer.block
        alive = f"{block.first}-{block.last}"
        text = f"{placed.buffer.name} : {placed.buffer.type}"
        lines.append(f"    {placed.offset:>10} {block.size:>10}   {alive:<10} {text}")
    return lines


def _term(units: int, names: Sequence[str], slack: int) -> str:
    """`256*B*S + 64`."""
    product = "*".join((str(units), *names))
    return f"{product} + {slack}" if slack else product
