"""Where an operation stands in the source, and errors that say so."""

from __future__ import annotations

from xdsl.dialects.builtin import ArrayAttr, FileLineColLoc, FusedLoc, NameLoc
from xdsl.ir import Attribute, Operation


def source_place(location: Attribute) -> str:
    """`file:line:col` of a location, the first one of a fused location, or nothing."""
    match location:
        case FileLineColLoc():
            return f"{location.filename.data}:{location.line.data}:{location.column.data}"
        case NameLoc():
            return source_place(location.location)
        case FusedLoc(locations=ArrayAttr() as children):
            return next((place for child in children if (place := source_place(child))), "")
        case _:
            return ""


def located(op: Operation, problem: str) -> str:
    """What is wrong in a run of `op`: its name, its place if it has one, and the problem."""
    place = source_place(op.location)
    return f"{op.name} at {place}: {problem}" if place else f"{op.name}: {problem}"
