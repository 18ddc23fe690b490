"""Attention, from the formulas: whole score matrices, no blocks, no online softmax."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc.dialects.rlx.attention import AttentionOp
from rlxc.dialects.rlx.attributes import MaskAttr, MaskKind
from rlxc.dialects.rlx.base import int_of
from rlxc.dialects.rlx.reference.conditions import check_lengths, check_rotations
from rlxc.dialects.rlx.reference.pointwise import softcap
from rlxc.dialects.rlx.reference.rope import positions, rope

Array = NDArray[Any]


@dataclass(frozen=True)
class AttentionInputs:
    """The operands of one `rlx.attention`, by name; absent ones are None."""

    q: Array
    k: Array
    v: Array
    cos: Array | None = None
    sin: Array | None = None
    padding: Array | None = None
    bias: Array | None = None
    k_gain: Array | None = None
    kv_length: int | None = None
    query_offset: int | None = None


def attention(op: AttentionOp, inputs: AttentionInputs) -> Array:
    """`softmax(mask(cap(scale * rope(q) . rope(k_gain * k)^T) + bias)) . v` for each head."""
    head_dim, group = int_of(op.head_dim), op.group
    q_len, kv_len = inputs.q.shape[1], inputs.k.shape[1]
    kv_length = kv_len if inputs.kv_length is None else inputs.kv_length
    offset = kv_length - q_len if inputs.query_offset is None else inputs.query_offset
    check_lengths(op, kv_length, kv_len, inputs.query_offset)
    if inputs.cos is not None:
        check_rotations(op, offset, q_len, kv_len, len(inputs.cos))
    query_position = positions(offset, q_len)
    key_position = positions(0, kv_len)

    q, k = _rotated(op, inputs, query_position, key_position)
    q, k, v = (_heads(x, head_dim) for x in (q, k, inputs.v))
    k, v = (np.repeat(x, group, axis=1) for x in (k, v))
    # A weight of 0 does not hide what a cache may hold there: 0 * NaN is NaN.
    v = np.where(key_position[:, None] < kv_length, v, 0)

    scores = op.scale_value * (q @ k.swapaxes(-1, -2))
    if op.softcap is not None:
        scores = softcap(scores, op.softcap.value.data)
    if inputs.bias is not None:
        scores = scores + inputs.bias
    visible: Array = (key_position < kv_length) & positional_mask(op.mask, query_position, key_position)
    if inputs.padding is not None:
        visible = visible & inputs.padding[:, None, None, :]
    out = _softmax(scores, np.broadcast_to(visible, scores.shape)) @ v
    return out.swapaxes(1, 2).reshape(inputs.q.shape)


def positional_mask(mask: MaskAttr, query_position: NDArray[np.intp], key_position: NDArray[np.intp]) -> Array:
    """Which keys each query sees by position, `[Q, K]`."""
    query, key = query_position[:, None], key_position[None, :]
    window = mask.window_size
    match mask.kind.data:
        case MaskKind.NONE:
            return np.full(np.broadcast_shapes(query.shape, key.shape), True)
        case MaskKind.CAUSAL:
            return key <= query
        case MaskKind.SLIDING:
            assert window is not None
            return (key <= query) & (key > query - window)


def _rotated(
    op: AttentionOp, inputs: AttentionInputs, query_position: NDArray[np.intp], key_position: NDArray[np.intp]
) -> tuple[Array, Array]:
    q, k, head_dim = inputs.q, inputs.k, int_of(op.head_dim)
    if inputs.k_gain is not None:
        k = (k.reshape(*k.shape[:-1], k.shape[-1] // head_dim, head_dim) * inputs.k_gain).reshape(k.shape)
    if inputs.cos is None or inputs.sin is None or op.n_rot is None:
        return q, k
    rotate = partial(rope, cos=inputs.cos, sin=inputs.sin, head_dim=head_dim, n_rot=int_of(op.n_rot), style=op.style)
    return rotate(q, positions=query_position), rotate(k, positions=key_position)


def _heads(x: Array, head_dim: int) -> Array:
    """`[B, S, H*head_dim]` -> `[B, H, S, head_dim]`."""
    batch, seq, features = x.shape
    return x.reshape(batch, seq, features // head_dim, head_dim).swapaxes(1, 2)


def _softmax(scores: Array, visible: Array) -> Array:
    """Softmax over the visible keys; zeros where a query sees none."""
    highest = np.max(scores, axis=-1, keepdims=True, initial=-np.inf, where=visible)
    shifted = np.where(visible, scores - np.where(np.isfinite(highest), highest, 0), -np.inf)
    weights = np.exp(shifted)
    total = np.sum(weights, axis=-1, keepdims=True)
    return weights / np.where(total == 0, 1, total)
