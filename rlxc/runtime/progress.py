"""A progress bar for work that takes long enough to wonder."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

PATIENCE = 1.0
"""Seconds before the bar appears."""


class Progress:
    """A bar on the standard error, if that is a terminal, from the second second on; it goes when the work is done."""

    def __init__(self, about: str, total: float):
        self._about = about
        self._total = total
        self._done = 0.0
        self._start = time.monotonic()
        self._bar: Bar | None = None

    def advance(self, amount: float) -> None:
        """Tell that `amount` more of the total is done."""
        self._done += amount
        if self._bar is None and time.monotonic() - self._start > PATIENCE and sys.stderr.isatty():
            self._bar = started_bar(self._about, self._total)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=self._done)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()


def started_bar(about: str, total: float) -> Bar:
    """A bar with one task, counted in bytes."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.add_task(about, total=total)
    bar.start()
    return bar
