"""The attention itself: of each K/V head for its group, or of one cache that serves as K and V."""

from __future__ import annotations

from typing import Any

from xdsl.ir import SSAValue

from rlxc.dialects.rlx import AttentionOp, RepeatKvOp, RopeStyle
from rlxc.stages.context import FlowContext
from rlxc.stages.kv_cache import CacheRows
from rlxc.stages.mask_inputs import mask_input
from rlxc.stages.masks import mask_parts
from rlxc.stages.rope_slots import RopePair
from rlxc.stages.self_attn_spec import SelfAttnPrefillSpec


def attend(
    ctx: FlowContext, q: SSAValue, k: SSAValue, v: SSAValue, spec: SelfAttnPrefillSpec, rows: CacheRows | None
) -> SSAValue:
    """Attention of as many K/V heads as query heads, which are copies."""
    k, v = (repeat(ctx, value, name, spec) for value, name in ((k, "k"), (v, "v")))
    op = AttentionOp(q, k, v, num_kv_heads=spec.num_heads, **what_is_seen(ctx, spec, rows))
    return ctx.emit(op, "attention")


def attend_to_one(
    ctx: FlowContext, q: SSAValue, kv: SSAValue, tables: RopePair | None, spec: SelfAttnPrefillSpec, rows: CacheRows
) -> SSAValue:
    """Attention whose keys are `rope(gain * kv)` and whose values are `kv`.

    Gain and rotation are inside: K would be a second tensor otherwise.
    """
    gain = None
    if spec.k_norm_key is not None:
        gain = ctx.param(spec.k_norm_key, field="k_norm_key", shape=(spec.head_dim,))
    op = AttentionOp(
        q,
        kv,
        kv,
        num_kv_heads=spec.num_kv_heads,
        k_gain=gain,
        **rotation(tables, spec),
        **what_is_seen(ctx, spec, rows),
    )
    return ctx.emit(op, "attention")


def rotation(tables: RopePair | None, spec: SelfAttnPrefillSpec) -> dict[str, Any]:
    """How attention rotates K and Q."""
    return {} if tables is None else {"rope": tables, "n_rot": spec.rotated, "rope_style": RopeStyle(spec.rope_style)}


def repeat(ctx: FlowContext, x: SSAValue, name: str, spec: SelfAttnPrefillSpec) -> SSAValue:
    """Each head of K or V as often as query heads read it."""
    if spec.group == 1:
        return x
    return ctx.emit(RepeatKvOp(x, head_dim=spec.head_dim, group=spec.group), f"{name}_repeated")


def what_is_seen(ctx: FlowContext, spec: SelfAttnPrefillSpec, rows: CacheRows | None) -> dict[str, Any]:
    """What both attentions have in common: query heads, scores and masks."""
    parts = mask_parts(spec.mask)
    return {
        "num_heads": spec.num_heads,
        "head_dim": spec.head_dim,
        "mask": parts.positional,
        "scale": spec.score_scale,
        "softcap": spec.attn_logit_softcap,
        "padding": None if parts.padding is None else mask_input(ctx.inputs, parts.padding),
        "bias": None if parts.bias is None else mask_input(ctx.inputs, parts.bias),
        "kv_length": None if rows is None else rows.length,
        "query_offset": None if rows is None else rows.first,
    }
