"""Checks of the fields of stages, when they are made."""

from __future__ import annotations

import math
from enum import Enum
from typing import TypeVar

from rlxc.diagnostics import RlxcError, did_you_mean

_E = TypeVar("_E", bound=Enum)


def require_instance(stage: str, field: str, value: object, kind: type[object]) -> None:
    """Raise RlxcError unless `value` is a `kind`."""
    if not isinstance(value, kind):
        raise RlxcError(f"{stage}: {field} must be a {kind.__name__}, got {value!r}")


def require_positive(stage: str, field: str, value: object) -> None:
    """Raise RlxcError unless `value` is an integer of at least 1."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise RlxcError(f"{stage}: {field} must be a positive integer, got {value!r}")


def require_real(stage: str, field: str, value: object, *, least: float = -math.inf) -> None:
    """Raise RlxcError unless `value` is a finite number of at least `least`."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or value < least:
        bound = "" if least == -math.inf else f" of at least {least:g}"
        raise RlxcError(f"{stage}: {field} must be a finite number{bound}, got {value!r}")


def require_key_name(stage: str, field: str, value: object, *, optional: bool = False) -> None:
    """Raise RlxcError unless `value` is a non-empty string (or None, if optional)."""
    if optional and value is None:
        return
    if not isinstance(value, str) or not value:
        raise RlxcError(f"{stage}: {field} must be the key of a weight, got {value!r}")


def require_name(stage: str, field: str, value: object, *, optional: bool = False) -> None:
    """Raise RlxcError unless `value` is a non-empty string (or None, if optional)."""
    if not (optional and value is None) and (not isinstance(value, str) or not value):
        raise RlxcError(f"{stage}: {field} must be a name, got {value!r}")


def choice(stage: str, field: str, kind: type[_E], value: object) -> _E:
    """The member of an enumeration that a string names."""
    names = [str(member.value) for member in kind]
    if not isinstance(value, str) or value not in names:
        suggestion = did_you_mean(value, names) if isinstance(value, str) else ""
        raise RlxcError(f"{stage}: {field} must be one of {', '.join(names)}, got {value!r}{suggestion}")
    return kind(value)
