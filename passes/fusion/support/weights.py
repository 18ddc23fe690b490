"""When two weights hold the same values."""

from __future__ import annotations

from xdsl.ir import SSAValue

from rlxc.dialects.rlx import ParamOp


def weight_difference(first: SSAValue, second: SSAValue) -> str | None:
    """Why two weights may differ, or None if they hold the same values.

    They do if they are one value, or parameters of one type and orientation whose keys, or
    whose content digests, are equal.
    """
    if first is second:
        return None
    a, b = first.owner, second.owner
    if not isinstance(a, ParamOp) or not isinstance(b, ParamOp):
        return "different weights"
    if a.keys != b.keys and (a.digest is None or a.digest != b.digest):
        return f"different weights, {weight_name(first)} and {weight_name(second)}"
    if a.keys == b.keys and None not in (a.digest, b.digest) and a.digest != b.digest:
        return f"different digests of {weight_name(first)}"
    if (a.transposed is None) != (b.transposed is None):
        return f"one orientation each of {weight_name(first)}"
    if a.result.type != b.result.type:
        return f"different types of {weight_name(first)}"
    return None


def weight_name(weight: SSAValue) -> str:
    """The keys of a parameter, quoted; other weights have no name."""
    if isinstance(weight.owner, ParamOp):
        return ", ".join(f"'{key}'" for key in weight.owner.key_names)
    return "a weight that is no parameter"
