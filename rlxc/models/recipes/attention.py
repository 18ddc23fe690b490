"""The attention of a decoder layer, from its config."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.models.config import AttentionConfig, DecoderConfig
from rlxc.models.recipes.caches import cache_of
from rlxc.models.recipes.form import Form
from rlxc.models.recipes.ropes import table_name
from rlxc.stages import Linear, Mask, SelfAttnPrefill, SelfAttnPrefillSpec, Stage, padding, sliding


@dataclass(frozen=True)
class AttentionNames:
    """What the projections and norms of a layer are called."""

    q: str = "self_attn.q_proj"
    k: str = "self_attn.k_proj"
    v: str = "self_attn.v_proj"
    output: str = "self_attn.o_proj"
    q_norm: str = "self_attn.q_norm"
    k_norm: str = "self_attn.k_norm"


LLAMA_NAMES = AttentionNames()

KV_TENSORS = tuple(
    f"self_attn.{module}.{kind}" for module in ("k_proj", "v_proj", "k_norm", "v_norm") for kind in ("weight", "bias")
)
"""What makes K and V in a Hugging Face layer."""


def attention(
    config: DecoderConfig, own: AttentionConfig, form: Form, names: AttentionNames = LLAMA_NAMES
) -> list[Stage]:
    """Attention on the cache of the layer, and the output projection."""
    spec = SelfAttnPrefillSpec(
        q_key=f"{names.q}.weight",
        k_key=None if own.borrows_kv else f"{names.k}.weight",
        v_key=None if own.borrows_kv or own.k_eq_v else f"{names.v}.weight",
        num_heads=own.num_heads,
        head_dim=own.head_dim,
        num_kv_heads=own.num_kv_heads,
        n_rot=config.ropes[own.type].n_rot,
        rope_table=table_name(config, own.type),
        k_eq_v=own.k_eq_v,
        mask=mask(own.window, form),
        score_scale=own.scale,
        attn_logit_softcap=own.softcap,
        q_norm_key=f"{names.q_norm}.weight" if own.qk_norm else None,
        k_norm_key=f"{names.k_norm}.weight" if own.qk_norm and not own.borrows_kv else None,
        v_norm=own.v_norm,
        norm_eps=config.norm_eps,
        norm_offset=config.norm_offset if own.qk_norm else 0.0,
        bias=own.qkv_bias,
        cache=cache_of(own),
    )
    bias = f"{names.output}.bias" if own.output_bias else None
    return [SelfAttnPrefill(spec), Linear(f"{names.output}.weight", bias_key=bias)]


def mask(window: int | None, form: Form) -> Mask:
    """All keys up to the query's own, or the last `window` of them; of those, the ones that are there."""
    positional: Mask = "causal" if window is None else sliding(window)
    if not form.padded:
        return positional
    return padding(positional, input="padding" if window is None else "window_padding")
