"""What the models of a family have in common, and their configs need not say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from rlxc.models.config.layer import LayerType
from rlxc.stages.linear import ActivationName

WindowRule = Literal["none", "all", "upper", "even_lower", "pattern"]
"""Which layers see a window only, where no `layer_types` says so.

`upper`: those from `max_window_layers` on; `even_lower`: each second one, the first first, before `max_window_layers`;
`pattern`: all but each n-th.
"""

ScaleRule = Literal["head_dim", "query_pre_attn_scalar", "one"]
"""What the scale of the scores is: `x ** -0.5`, or 1."""


@dataclass(frozen=True)
class Switch:
    """A property that a key of the config turns on or off."""

    key: str
    default: bool


@dataclass(frozen=True)
class ExpertKeys:
    """What the configs of a family say of experts, by which keys, and the defaults of these."""

    count: tuple[str, ...] = ("num_experts", "num_local_experts")
    top_k: str = "num_experts_per_tok"
    width: str = "moe_intermediate_size"
    shared_width: str | None = None
    renormalize: bool | Switch = True
    present: bool | Switch = True
    some_dense: bool = False
    """Whether configs say which layers have none: `mlp_only_layers`, and all but each `decoder_sparse_step`-th."""
    default_count: int | None = None
    default_top_k: int | None = None
    default_width: int | None = None
    default_shared_width: int | None = None


@dataclass(frozen=True)
class Family:
    """The defaults of a family, the keys it calls otherwise than Llama, and what all its models do."""

    windows: WindowRule = "none"
    window: int | None = None
    """The default of `sliding_window`."""
    lists_types: bool = False
    """Whether `layer_types` counts. In other families all layers see a window, or none does."""
    switches_window: bool = False
    """Whether there are windows only if `use_sliding_window` says so."""
    pattern: int = 6
    ends_full: bool = False
    """The last layer sees everything, whatever the pattern says."""
    scale: ScaleRule = "head_dim"
    grouped: bool = True
    """Whether there is a `num_key_value_heads`."""
    qkv_bias: bool | Switch = False
    output_bias: bool | Switch = False
    mlp_bias: bool | Switch = False
    qk_norm: bool = False
    v_norm: bool = False
    gated: bool = True
    activation: ActivationName = "silu"
    activation_key: str = "hidden_act"
    norm_eps_key: str = "rms_norm_eps"
    norm_eps: float = 1e-6
    norm_offset: float = 0.0
    scaled_embeddings: bool = False
    tied_embeddings: bool = False
    caps_scores: bool = False
    caps_logits: bool = False
    parallel_residual: bool | Switch = False
    layer_scalar: bool = False
    shares_kv: bool = False
    """`num_kv_shared_layers` counts the last layers that have no K and V of their own."""
    per_layer_inputs: bool = False
    """`hidden_size_per_layer_input` features of an embedding of its own are an input of each layer."""
    max_positions: int = 4096
    ropes_by_type: Literal["any", "always", "scaled"] = "any"
    """Whether `rope_parameters` are those of types of layers; `scaled`: `rope_scaling` changes those of full ones."""
    original_positions: int | None = None
    """The default of `original_max_position_embeddings` beside the rope parameters, where it goes first."""
    theta_key: str = "rope_theta"
    local_theta_key: str | None = None
    rope_theta: Mapping[LayerType, float] = field(
        default_factory=lambda: MappingProxyType({"full_attention": 1e4, "sliding_attention": 1e4})
    )
    partial_rotary: bool = False
    """Whether `partial_rotary_factor` counts in plain rotary embeddings; in GGUF files it does, in all families."""
    partial_rotary_key: str = "partial_rotary_factor"
    partial_rotary_factor: float = 1.0
    experts: ExpertKeys | None = None
    defaults: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    """What configs may leave out: values by key, as published ones with `text_config` do."""
    unsupported: tuple[str, ...] = ()
    """Keys of what some models of the family have, and no recipe can do."""
