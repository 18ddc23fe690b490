"""Errors that say where and what to do, and the reading and writing that raise them.

Importing this package is cheap: what needs xDSL is loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rlxc.diagnostics.errors import RlxcError, SourceLocation, UsageError
from rlxc.diagnostics.output import write_atomically
from rlxc.diagnostics.suggest import closest, did_you_mean

if TYPE_CHECKING:
    from rlxc.diagnostics.parse import parse_module

__all__ = [
    "RlxcError",
    "SourceLocation",
    "UsageError",
    "closest",
    "did_you_mean",
    "parse_module",
    "write_atomically",
]


def __getattr__(name: str) -> object:
    if name == "parse_module":
        from rlxc.diagnostics.parse import parse_module

        return parse_module
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
