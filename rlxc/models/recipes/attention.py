"""The attention of a decoder layer, from its config."""

from __future__ import annotations

from rlxc.models.config import DecoderConfig
from rlxc.models.recipes.caches import cache_of
from rlxc.models.recipes.form import Form
from rlxc.models.recipes.ropes import table_name
from rlxc.stages import Linear, Mask, SelfAttnPrefill, SelfAttnPrefillSpec, Stage, padding, sliding


def attention(config: DecoderConfig, number: int, form: Form, prefix: str = "model.layers") -> list[Stage]:
    """Attention on the cache of the layer, and the output projection."""
    layer = f"{prefix}.{number}"
    own = config.layers[number].attention
    norms = {f"{name}_norm_key": f"{layer}.self_attn.{name}_norm.weight" for name in ("q", "k") if own.qk_norm}
    spec = SelfAttnPrefillSpec.hf_layer(
        layer,
        own.num_heads,
        own.head_dim,
        own.num_kv_heads,
        n_rot=config.ropes[own.type].n_rot,
        rope_table=table_name(config, own.type),
        k_eq_v=own.k_eq_v,
        mask=mask(own.window, form),
        score_scale=own.scale,
        attn_logit_softcap=own.softcap,
        v_norm=own.v_norm,
        norm_eps=config.norm_eps,
        norm_offset=config.norm_offset if own.qk_norm else 0.0,
        bias=own.qkv_bias,
        cache=cache_of(own, number),
        **norms,
    )
    output = f"{layer}.self_attn.o_proj"
    return [SelfAttnPrefill(spec), Linear(f"{output}.weight", bias_key=f"{output}.bias" if own.output_bias else None)]


def mask(window: int | None, form: Form) -> Mask:
    """All keys up to the query's own, or the last `window` of them; of those, the ones that are there."""
    positional: Mask = "causal" if window is None else sliding(window)
    if not form.padded:
        return positional
    return padding(positional, input="padding" if window is None else "window_padding")
