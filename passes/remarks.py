"""What a pass did and did not do, and why: remarks, and the statistics counted from them.

A pass calls `fused` or `missed` for every candidate that it looked at. Whoever runs passes
and wants to know opens `collect_remarks`; without a collector, remarks cost nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

from xdsl.dialects.builtin import ArrayAttr, FusedLoc, LocationAttr, NameLoc
from xdsl.ir import Attribute, Operation

from rlxc.dialects.rlx.places import source_place

RemarkKind = Literal["fused", "missed", "unfused"]


@dataclass(frozen=True)
class Remark:
    """One candidate of one pass: what became of it, and where it stands in the source."""

    pass_name: str
    kind: RemarkKind
    message: str
    location: LocationAttr

    def __str__(self) -> str:
        place = source_place(self.location)
        prefix = f"{place}: " if place else ""
        stage = stage_name(self.location)
        subject = f"{stage}: " if stage else ""
        return f"{prefix}remark: [{self.pass_name}] {self.kind}: {subject}{self.message}"


@dataclass
class Collector:
    """The remarks of a run in order, and the same as a set, so that many of them cost no search."""

    remarks: list[Remark] = field(default_factory=list[Remark])
    seen: set[Remark] = field(default_factory=set[Remark])

    def add(self, remark: Remark) -> None:
        """Keep a remark, unless an equal one is there."""
        if remark not in self.seen:
            self.seen.add(remark)
            self.remarks.append(remark)


_collector: ContextVar[Collector | None] = ContextVar("remarks", default=None)


@contextmanager
def collect_remarks() -> Generator[list[Remark]]:
    """Gather, in order, the remarks of the passes that run inside the `with` block.

    A rewrite driver visits an operation as often as it likes; equal remarks are kept once.
    """
    collector = Collector()
    token = _collector.set(collector)
    try:
        yield collector.remarks
    finally:
        _collector.reset(token)


def fused(pass_name: str, operation: Operation, message: str) -> None:
    """Say that the pass rewrote `operation`. Call it before the operation is replaced."""
    _emit(Remark(pass_name, "fused", message, operation.location))


def unfused(pass_name: str, operation: Operation, message: str) -> None:
    """Say that the pass took `operation` apart. Call it before the operation is replaced."""
    _emit(Remark(pass_name, "unfused", message, operation.location))


def missed(pass_name: str, operation: Operation, reason: str) -> None:
    """Say that the pass left the candidate `operation` alone, and why."""
    _emit(Remark(pass_name, "missed", reason, operation.location))


def statistics(remarks: Iterable[Remark]) -> Counter[tuple[str, RemarkKind]]:
    """How many candidates each pass fused, unfused and missed."""
    return Counter((remark.pass_name, remark.kind) for remark in remarks)


def stage_name(location: Attribute) -> str:
    """The name that a location carries, that of the stage of a flow; the first one of a fused location, or nothing."""
    match location:
        case NameLoc():
            return location.desc.data
        case FusedLoc(locations=ArrayAttr() as children):
            return next((name for child in children if (name := stage_name(child))), "")
        case _:
            return ""


def _emit(remark: Remark) -> None:
    collector = _collector.get()
    if collector is not None:
        collector.add(remark)
