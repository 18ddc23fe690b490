"""An operand of a scalar operation."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.numpy_backend.text.expression import Code


@dataclass(frozen=True)
class Term:
    """An operand of a scalar operation: its text, and what is known of it."""

    code: Code
    is_number: bool = False
    """Whether it is a Python number, not an array or a NumPy scalar."""
    is_nonnegative: bool = False
