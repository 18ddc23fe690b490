"""What is said when a program has no NumPy form."""

from __future__ import annotations

from typing import NoReturn

from xdsl.ir import Operation
from xdsl.utils.exceptions import DiagnosticException

from rlxc.dialects.rlx.places import source_place


def unsupported(op: Operation, reason: str) -> NoReturn:
    """Raise DiagnosticException: `op` cannot be printed as NumPy code, where it stands and why."""
    place = source_place(op.location)
    prefix = f"{place}: " if place else ""
    raise DiagnosticException(f"{prefix}cannot print '{op.name}' as NumPy code: {reason}")
