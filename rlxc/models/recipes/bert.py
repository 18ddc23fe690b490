"""BERT: the program of an encoder, which gives the hidden states of whole texts."""

from __future__ import annotations

from typing import Any

from rlxc.flow import ModelFlow
from rlxc.models.config import EncoderConfig
from rlxc.stages import (
    LayerNorm,
    Linear,
    PositionEmbed,
    ResidualAdd,
    ResidualSave,
    SelfAttnPrefill,
    SelfAttnPrefillSpec,
    Stage,
    TokenEmbed,
    TokenTypeEmbed,
    padding,
)


def encoder(config: EncoderConfig, *, padded: bool = False) -> ModelFlow:
    """`(ids [B, S], token_types [B, S]) -> hidden [B, S, hidden_size]` (Devlin et al. 2019).

    With `padded`, there is a third input `padding` `[B, S]`, which is false where there is no token.
    """
    flow = ModelFlow("encoder").input("ids", ("B", "S"), "i64").input("token_types", ("B", "S"), "i64")
    if padded:
        flow = flow.input("padding", ("B", "S"), "i1")
    return flow.stages(embeddings(config)).repeat(config.num_layers, "encoder.layer.{}.", layer(config, padded=padded))


def embeddings(config: EncoderConfig) -> list[Stage]:
    """`norm(token + position + type)`."""
    return [
        TokenEmbed("embeddings.word_embeddings.weight"),
        PositionEmbed("embeddings.position_embeddings.weight"),
        TokenTypeEmbed("embeddings.token_type_embeddings.weight"),
        norm(config, "embeddings.LayerNorm"),
    ]


def layer(config: EncoderConfig, *, padded: bool) -> list[Stage]:
    """`x = norm(x + attention(x)); x = norm(x + mlp(x))`: norms come after the blocks."""
    return [
        ResidualSave(),
        *attention(config, padded=padded),
        ResidualAdd(),
        norm(config, "attention.output.LayerNorm"),
        ResidualSave(),
        linear("intermediate.dense", activation=config.mlp.activation),
        linear("output.dense"),
        ResidualAdd(),
        norm(config, "output.LayerNorm"),
    ]


def attention(config: EncoderConfig, *, padded: bool) -> list[Stage]:
    """Attention to all tokens, before and after, and the output projection."""
    spec = SelfAttnPrefillSpec(
        q_key="attention.self.query.weight",
        k_key="attention.self.key.weight",
        v_key="attention.self.value.weight",
        num_heads=config.num_heads,
        head_dim=config.head_dim,
        num_kv_heads=config.num_heads,
        rope_style="none",
        mask=padding("none", input="padding") if padded else "none",
        bias=True,
    )
    return [SelfAttnPrefill(spec), linear("attention.output.dense")]


def linear(name: str, **options: Any) -> Linear:
    """The projection of a name, with its bias."""
    return Linear(f"{name}.weight", bias_key=f"{name}.bias", **options)


def norm(config: EncoderConfig, name: str) -> LayerNorm:
    """The norm of a name."""
    return LayerNorm(f"{name}.weight", f"{name}.bias", config.norm_eps)
