"""A profile as a table."""

from __future__ import annotations

import os
from io import StringIO
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from rlxc.runtime.profile.rows import Row

if TYPE_CHECKING:
    from rlxc.runtime.profile.report import Profile

WIDTH = 120


def table_text(profile: Profile) -> str:
    """The table, and below it what the machine can do."""
    stream = StringIO()
    Console(file=stream, highlight=False, width=WIDTH).print(table_of(profile))
    limits = profile.roofline
    return (
        f"{stream.getvalue()}"
        f"limits: {limits.flops_per_second / 1e9:.0f} GFLOP/s, {limits.bytes_per_second / 1e9:.1f} GB/s, "
        "measured here; what a cache still holds is read faster"
    )


def table_of(profile: Profile) -> Table:
    """A line for each row, and one for the whole call."""
    threads = "1 thread" if profile.threads == 1 else f"{profile.threads} threads"
    table = Table(title=f"one call of {profile.function}, {threads}", title_justify="left")
    table.add_column("operation", no_wrap=True)
    table.add_column("place", no_wrap=True)
    for name in ("ms", "time", "waiting", "GFLOP/s", "GB/s", "roofline"):
        table.add_column(name, justify="right")
    for row in profile.rows:
        table.add_row(*cells(row, profile.seconds))
    outside, total = profile.outside_seconds, profile.seconds
    table.add_row("(outside: checks, memory, waking)", "", f"{outside * 1e3:.3f}", f"{outside / total:.1%}")
    table.add_section()
    table.add_row("whole call", "", f"{total * 1e3:.3f}", "", *total_cells(profile))
    return table


def cells(row: Row, total: float) -> tuple[str, ...]:
    """One line."""
    places = dict.fromkeys(short(one.place) for one in row.operations)
    return (
        escape("\n".join(one.head for one in row.operations)) or "(other: copies)",
        escape("\n".join(places)),
        f"{row.seconds * 1e3:.3f}",
        f"{row.seconds / total:.1%}",
        f"{row.waiting_seconds / row.seconds:.0%}" if row.seconds else "",
        f"{row.gflops_per_second:.1f}",
        f"{row.gbytes_per_second:.1f}",
        f"{row.share_of_roofline:.0%}",
    )


def short(place: str) -> str:
    """The file, without its directory, and the line of a place."""
    file, _, line = place.rpartition(":")[0].rpartition(":")
    return f"{os.path.basename(file)}:{line}" if file else ""


def total_cells(profile: Profile) -> tuple[str, ...]:
    """The last figures of the line for the whole call."""
    seconds = profile.seconds
    flops = sum(row.work.flops for row in profile.rows)
    moved = sum(row.work.bytes_moved for row in profile.rows)
    waiting = sum(row.waiting_seconds for row in profile.rows)
    least = sum(row.least_seconds for row in profile.rows)
    rates = f"{flops / seconds / 1e9:.1f}", f"{moved / seconds / 1e9:.1f}"
    return f"{waiting / seconds:.0%}", *rates, f"{least / seconds:.0%}"
