"""From xDSL's location attributes to places that can be shown."""

from __future__ import annotations

import re

from xdsl.dialects.builtin import ArrayAttr, CallSiteLoc, FileLineColLoc, FusedLoc, NameLoc
from xdsl.ir import Attribute, Operation

from rlxc.diagnostics.errors import SourceLocation


def source_location(location: Attribute) -> SourceLocation | None:
    """The place that a location attribute names, the first one if it names several."""
    match location:
        case FileLineColLoc():
            return SourceLocation(location.filename.data, location.line.data, location.column.data)
        case NameLoc():
            return source_location(location.location)
        case CallSiteLoc():
            return source_location(location.callee)
        case FusedLoc(locations=ArrayAttr() as children):
            return next((place for child in children if (place := source_location(child))), None)
        case _:
            return None


def operation_location(op: Operation) -> SourceLocation | None:
    """Where `op` comes from: its own location, or that of the nearest operation around it that has one."""
    around: Operation | None = op
    while around is not None:
        if (place := source_location(around.location)) is not None:
            return place
        around = around.parent_op()
    return None


def split_place(message: str) -> tuple[SourceLocation | None, str]:
    """A place at the head of a message, as `file:line:col: message`, and the message without it."""
    match = re.match(r"(?P<file>[^\n]+?):(?P<line>\d+):(?P<column>\d+): ", message)
    if match is None:
        return None, message
    return SourceLocation(match["file"], int(match["line"]), int(match["column"])), message[match.end() :]
