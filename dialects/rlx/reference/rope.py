"""Rotary embedding and its tables, from the formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.dialects.builtin import Float64Type

from rlxc.dialects.rlx.attributes import RopeStyle
from rlxc.dialects.rlx.param import RopeTableOp
from rlxc.dialects.rope_tables import rope_table

Array = NDArray[Any]


def rope_table_values(op: RopeTableOp) -> Array:
    """The value of a `rlx.rope_table`, rounded to its element type: the same for every target."""
    positions, half_n_rot = op.result.type.get_shape()
    values = rope_table(op.kind.data, op.theta.value.data, positions, half_n_rot)
    return values.astype(np.float64 if isinstance(op.result.type.element_type, Float64Type) else np.float32)


def rope(
    x: Array, cos: Array, sin: Array, *, head_dim: int, n_rot: int, style: RopeStyle, positions: NDArray[np.intp]
) -> Array:
    """Rotate the pairs of each head of `x` `[B, S, H*head_dim]`; row `s` by table row `positions[s]`, which exists."""
    batch, seq, features = x.shape
    heads = x.reshape(batch, seq, features // head_dim, head_dim)
    first, second = pair_indices(n_rot, style)
    c, s = cos[positions][:, None, :], sin[positions][:, None, :]
    a, b = heads[..., first], heads[..., second]
    out = heads.copy()
    out[..., first] = a * c - b * s
    out[..., second] = b * c + a * s
    return out.reshape(x.shape)


def positions(first: int, count: int) -> NDArray[np.intp]:
    """`count` positions from `first`."""
    return np.arange(first, first + count, dtype=np.intp)


def pair_indices(n_rot: int, style: RopeStyle) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first and the second component of each pair."""
    i = np.arange(n_rot // 2)
    return (i, i + n_rot // 2) if style == RopeStyle.HALF else (2 * i, 2 * i + 1)
