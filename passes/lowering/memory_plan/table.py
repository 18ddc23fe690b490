"""A memory plan as a table for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rlxc.dialects.rlx.places import source_place
from rlxc.passes.lowering.memory_plan.plan import ALIGNMENT, End, MemoryPlan, Placement, Region


def table(plan: MemoryPlan) -> str:
    """All buffers of a plan, sizes as expressions.

    ```
    memory plan of @f: 3 buffers in max(4096*B*S, 2048*B*S + 32*S*T) bytes
      from 0: 4096*B*S bytes, of which at most 4096*B*S are alive at once
             offset        bytes   alive   buffer
                  0     2048*B*S   17-64   q : memref<?x?x512xf32> (layer.mlir:7:5)
    ```
    A buffer lies `offset` behind the place of its region, and is alive from one operation to another, both
    numbered as they are written. At the end is the place in the source that it belongs to.
    """
    buffers = sum(len(region.placements) for region in plan.regions)
    total = _last(plan.ends, plan.regions)
    lines = [f"memory plan of @{plan.function}: {_count(buffers)} in {total} bytes"]
    for region in plan.regions:
        lines += _rows(region, plan.regions)
    lines += [f"  allocated apart: {buffer.name} : {buffer.type}" for buffer in plan.apart]
    return "\n".join(lines)


def _rows(region: Region, regions: Sequence[Region]) -> Iterator[str]:
    """The buffers of a region by their offset."""
    size, live = _term(region.units, region, region.slack), _term(region.live_units, region)
    yield f"  from {_last(region.above, regions)}: {size} bytes, of which at most {live} are alive at once"
    placed = sorted(region.placements, key=lambda each: (each.offset, each.buffer.block.first))
    rows = [("offset", "bytes", "alive", "buffer"), *(_cells(each, region) for each in placed)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for offset, size, alive, text in rows:
        yield f"    {offset:>{widths[0]}}   {size:>{widths[1]}}   {alive:<{widths[2]}}   {text}"


def _cells(placed: Placement, region: Region) -> tuple[str, str, str, str]:
    buffer = placed.buffer
    offset = _term(placed.offset, region, placed.level * ALIGNMENT)
    alive, place = f"{buffer.block.first}-{buffer.block.last}", source_place(buffer.op.location)
    text = f"{buffer.name} : {buffer.type}" + (f" ({place})" if place else "")
    return offset, _term(buffer.block.size, region), alive, text


def _last(ends: Sequence[End], regions: Sequence[Region]) -> str:
    """The last of some places: `max(4096*B, 2048*B + 32*T)`."""
    places: list[str] = []
    for end in ends:
        region = regions[end.region]
        start, size = _last(region.above, regions), _term(end.units, region, end.slack)
        places.append(size if start == "0" else f"{start} + {size}")
    return f"max({', '.join(places)})" if len(places) > 1 else (places or ["0"])[0]


def _term(units: int, region: Region, extra: int = 0) -> str:
    """`256*B*S + 64`."""
    product = "*".join((str(units), *region.names)) if units else "0"
    return f"{product} + {extra}" if extra else product


def _count(buffers: int) -> str:
    return "1 buffer" if buffers == 1 else f"{buffers} buffers"
