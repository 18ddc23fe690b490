"""Reading the layers of a decoder."""

from __future__ import annotations

from rlxc.models.config.experts import read_experts
from rlxc.models.config.family import Family
from rlxc.models.config.layer import AttentionConfig, LayerConfig, LayerType, MlpConfig
from rlxc.models.config.layer_types import layer_types, window_of
from rlxc.models.config.reader import ConfigReader
from rlxc.models.config.shared_kv import KvRole, check_borrowed, kv_roles
from rlxc.models.config.switches import switched
from rlxc.stages.linear import ActivationName

ACTIVATIONS: dict[str, ActivationName] = {
    "silu": "silu",
    "swish": "silu",
    "gelu": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "relu": "relu",
}
"""What configs call a nonlinearity -> its name here."""

MOST_LAYERS = 4096


def read_layers(config: ConfigReader, family: Family) -> tuple[LayerConfig, ...]:
    """All layers, the first first."""
    count = config.integer("num_hidden_layers", most=MOST_LAYERS)
    kinds = layer_types(config, family, count)
    roles = kv_roles(config, family, kinds)
    both = enumerate(zip(kinds, roles, strict=True))
    layers = tuple(read_layer(config, family, number, kind, role) for number, (kind, role) in both)
    check_borrowed([layer.attention for layer in layers])
    return layers


def read_layer(config: ConfigReader, family: Family, number: int, kind: LayerType, role: KvRole) -> LayerConfig:
    """The layer of a number. What the config says of it alone goes before what it says of all."""
    own = config.nested("per_layer_config").nested(str(number))
    layer = ConfigReader({**config.raw, **own.raw})
    attention = read_attention(layer, family, kind, role)
    return LayerConfig(attention, read_mlp(layer, family, role), read_experts(layer, family, number))


def read_attention(config: ConfigReader, family: Family, kind: LayerType, role: KvRole) -> AttentionConfig:
    """The attention of a layer of a type. Where layers have parts of their own, these say what full ones are."""
    full = kind == "full_attention"
    k_eq_v = full and config.flag("attention_k_eq_v", False)
    heads = config.integer("num_attention_heads")
    head_dim = read_head_dim(config, heads)
    kv_heads = config.integer("num_key_value_heads", heads) if family.grouped else heads
    if full and not config.has("per_layer_config"):
        head_dim = config.integer("global_head_dim", head_dim)
        kv_heads = config.integer("num_global_key_value_heads", kv_heads) if k_eq_v else kv_heads
    if heads % kv_heads:
        raise config.error("num_key_value_heads", kv_heads, f"a divisor of num_attention_heads = {heads}")
    return AttentionConfig(
        type=kind,
        num_heads=heads,
        num_kv_heads=kv_heads,
        head_dim=head_dim,
        scale=read_scale(config, family, head_dim),
        window=None if full else read_window(config, family),
        softcap=read_softcap(config) if family.caps_scores else None,
        qkv_bias=switched(config, family.qkv_bias),
        output_bias=switched(config, family.output_bias),
        qk_norm=family.qk_norm,
        v_norm=family.v_norm and role != "borrows",
        k_eq_v=k_eq_v and role != "borrows",
        borrows_kv=role == "borrows",
        caches_both=k_eq_v and role == "lends",
    )


def read_head_dim(config: ConfigReader, heads: int) -> int:
    """The width of a head: as it says, or an equal share of the hidden size."""
    if config.has("head_dim"):
        return config.integer("head_dim")
    hidden = config.integer("hidden_size")
    if hidden % heads:
        raise config.error("num_attention_heads", heads, f"a divisor of hidden_size = {hidden}, or head_dim")
    return hidden // heads


def read_scale(config: ConfigReader, family: Family, head_dim: int) -> float:
    """The factor of the scores."""
    match family.scale:
        case "head_dim":
            return head_dim**-0.5
        case "query_pre_attn_scalar":
            return config.number("query_pre_attn_scalar", 256) ** -0.5
        case "one":
            return 1.0


def read_softcap(config: ConfigReader) -> float | None:
    """The bound of the scores."""
    key = "attn_logit_softcapping"
    return config.number(key) if config.has(key) else None


def read_window(config: ConfigReader, family: Family) -> int:
    """How many keys a sliding layer sees."""
    window = window_of(config, family)
    return config.integer("sliding_window") if window is None else window


def read_mlp(config: ConfigReader, family: Family, role: KvRole) -> MlpConfig:
    """The feed-forward block of a layer; in Gemma 4 it may be wider where K and V are borrowed."""
    widened = role == "borrows" and config.flag("use_double_wide_mlp", False)
    key = family.activation_key
    name = config.choice(key, ACTIVATIONS, None if config.has(key) else default_activation(family))
    return MlpConfig(
        width=config.integer("intermediate_size") * (2 if widened else 1),
        activation=ACTIVATIONS[name],
        gated=family.gated,
        bias=switched(config, family.mlp_bias),
    )


def default_activation(family: Family) -> str:
    """How a config would spell the activation of the family."""
    return next(name for name, meaning in ACTIVATIONS.items() if meaning == family.activation)
