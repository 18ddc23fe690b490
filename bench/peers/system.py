"""What the system tells about processors and memory (Linux)."""

from __future__ import annotations

import os
import platform
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

MEBIBYTE = 2**20


def usable_cores() -> int:
    """The cores that this process may run on."""
    return len(os.sched_getaffinity(0))


def busy_seconds() -> float:
    """Seconds of processor time that all processes have used, and that the host has taken."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
    user, nice, system, _idle, _wait, interrupt, soft, steal = map(int, fields)
    return (user + nice + system + interrupt + soft + steal) / os.sysconf("SC_CLK_TCK")


def memory_of(status: str) -> float:
    """MiB of this process: `VmRSS` now, `VmHWM` the most so far."""
    return kibibytes("/proc/self/status", status) / 1024


def available_memory() -> float:
    """MiB that can still be used."""
    return kibibytes("/proc/meminfo", "MemAvailable") / 1024


def kibibytes(file: str, key: str) -> int:
    """The number of a line `key: number kB`."""
    lines = Path(file).read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:"))


def forget_peak_memory() -> None:
    """Let `VmHWM` begin anew, where the system allows it."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def processor_name() -> str:
    """The model of the processor."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


@contextmanager
def ahead_of_others(wanted: bool) -> Generator[None]:
    """Let the processes of this session go before those of all others meanwhile. It takes the rights of root.

    The kernel shares processors among sessions first: what `nice` changes counts within one of them.
    """
    if wanted:
        Path("/proc/self/autogroup").write_text("-20")
    try:
        yield
    finally:
        if wanted:
            Path("/proc/self/autogroup").write_text("0")
