"""Puts regions of an arena on top of each other, each as low as the buffers that are alive with it allow.

Sizes of different regions cannot be compared before run time, so that no two share memory by packing. But what
is alive during attention alone need not lie behind what only the layers around it use.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from rlxc.passes.lowering.memory_plan.plan import End, Placement, Region


def stack(packed: Region, below: Sequence[Region]) -> list[Region]:
    """A packed region as regions on top of those `below`: parts that are never alive together may start apart."""
    parts = defaultdict[tuple[End, ...], list[Placement]](list)
    for part in separate_in_time(packed.placements):
        first = min(placement.buffer.block.first for placement in part)
        last = max(placement.buffer.block.last for placement in part)
        parts[ends(below, first, last)] += part
    return [Region(packed.factors, packed.names, tuple(part), above) for above, part in parts.items()]


def ends(regions: Sequence[Region], first: int | None = None, last: int | None = None) -> tuple[End, ...]:
    """Where the buffers end that are alive at some time from `first` to `last`, without what never is the last."""
    found: list[End] = []
    for number, region in enumerate(regions):
        alive = [placement for placement in region.placements if _is_alive(placement, first, last)]
        if alive:
            units = max(placement.end for placement in alive)
            found.append(End(number, units, region.slack_of(alive)))
    return tuple(end for end in found if not any(_is_below(end, regions[other.region]) for other in found))


def separate_in_time(placements: Sequence[Placement]) -> Iterator[list[Placement]]:
    """The placements in groups such that no two of different groups are alive at the same time."""
    group, last = list[Placement](), -1
    for placement in sorted(placements, key=lambda placement: placement.buffer.block.first):
        if group and placement.buffer.block.first > last:
            yield group
            group = []
        group.append(placement)
        last = max(last, placement.buffer.block.last)
    if group:
        yield group


def _is_alive(placement: Placement, first: int | None, last: int | None) -> bool:
    block = placement.buffer.block
    return (last is None or block.first <= last) and (first is None or block.last >= first)


def _is_below(end: End, region: Region) -> bool:
    """Whether a region starts behind a place."""
    return any(end.region == o.region and end.units <= o.units and end.slack <= o.slack for o in region.above)
