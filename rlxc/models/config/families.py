"""The families, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from rlxc.models.config.family import ExpertKeys, Family, Switch

ATTENTION_BIAS = Switch("attention_bias", default=False)
NORMALIZED = Switch("norm_topk_prob", default=False)

LLAMA = Family(qkv_bias=ATTENTION_BIAS, output_bias=ATTENTION_BIAS, mlp_bias=Switch("mlp_bias", default=False))
QWEN = Family(windows="upper", window=4096, lists_types=True, switches_window=True, max_positions=32768)
QWEN_3 = replace(QWEN, qkv_bias=ATTENTION_BIAS, output_bias=ATTENTION_BIAS, qk_norm=True, defaults={"head_dim": 128})

GEMMA_DEFAULTS = {
    "num_attention_heads": 8,
    "num_key_value_heads": 4,
    "head_dim": 256,
    "eos_token_id": 1,
    "pad_token_id": 0,
}
GEMMA_4_DEFAULTS = {
    **GEMMA_DEFAULTS,
    "vocab_size": 262144,
    "global_head_dim": 512,
    "hidden_size_per_layer_input": 256,
    "vocab_size_per_layer_input": 262144,
    "rope_parameters": {
        "full_attention": {"rope_type": "proportional", "partial_rotary_factor": 0.25, "rope_theta": 1e6},
        "sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
    },
}
GEMMA = Family(
    windows="pattern",
    window=4096,
    lists_types=True,
    scale="query_pre_attn_scalar",
    qkv_bias=ATTENTION_BIAS,
    output_bias=ATTENTION_BIAS,
    activation="gelu_tanh",
    activation_key="hidden_activation",
    norm_offset=1.0,
    scaled_embeddings=True,
    tied_embeddings=True,
    caps_logits=True,
    max_positions=8192,
    defaults=GEMMA_DEFAULTS,
    unsupported=("use_bidirectional_attention",),
)
GEMMA_3 = replace(
    GEMMA,
    qk_norm=True,
    max_positions=131072,
    ropes_by_type="scaled",
    local_theta_key="rope_local_base_freq",
    rope_theta=MappingProxyType({"full_attention": 1e6, "sliding_attention": 1e4}),
    defaults={**GEMMA_DEFAULTS, "vocab_size": 262208},
)

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {
        "llama": LLAMA,
        "mistral": Family(windows="all", window=4096, lists_types=True, max_positions=131072),
        "qwen2": replace(QWEN, qkv_bias=True),
        "qwen3": QWEN_3,
        "mixtral": Family(
            windows="all",
            norm_eps=1e-5,
            max_positions=131072,
            rope_theta=MappingProxyType({"full_attention": 1e6, "sliding_attention": 1e6}),
            experts=ExpertKeys(width="intermediate_size", default_count=8, default_top_k=2),
        ),
        "qwen2_moe": replace(
            QWEN,
            windows="even_lower",
            qkv_bias=Switch("qkv_bias", default=True),
            experts=ExpertKeys(
                renormalize=NORMALIZED,
                some_dense=True,
                shared_width="shared_expert_intermediate_size",
                default_count=60,
                default_top_k=4,
                default_width=1408,
                default_shared_width=5632,
            ),
        ),
        "qwen3_moe": replace(
            QWEN_3,
            windows="all",
            lists_types=False,
            experts=ExpertKeys(
                renormalize=NORMALIZED, some_dense=True, default_count=128, default_top_k=8, default_width=768
            ),
        ),
        "gemma2": replace(
            GEMMA,
            pattern=2,
            caps_scores=True,
            defaults={
                **GEMMA_DEFAULTS,
                "vocab_size": 256000,
                "attn_logit_softcapping": 50.0,
                "final_logit_softcapping": 30.0,
            },
        ),
        "gemma3_text": GEMMA_3,
        "gemma4_text": replace(
            GEMMA_3,
            window=512,
            ends_full=True,
            scale="one",
            v_norm=True,
            norm_offset=0.0,
            layer_scalar=True,
            ropes_by_type="always",
            local_theta_key=None,
            shares_kv=True,
            per_layer_inputs=True,
            defaults=GEMMA_4_DEFAULTS,
            experts=ExpertKeys(top_k="top_k_experts", present=Switch("enable_moe_block", default=False)),
        ),
        "phi3": Family(windows="all", norm_eps=1e-5, partial_rotary=True, original_positions=4096),
        "gpt_neox": Family(
            grouped=False,
            qkv_bias=Switch("attention_bias", default=True),
            output_bias=Switch("attention_bias", default=True),
            mlp_bias=True,
            gated=False,
            activation="gelu",
            norm_eps_key="layer_norm_eps",
            norm_eps=1e-5,
            parallel_residual=Switch("use_parallel_residual", default=True),
            max_positions=2048,
            theta_key="rotary_emb_base",
            partial_rotary=True,
            partial_rotary_key="rotary_pct",
            partial_rotary_factor=0.25,
        ),
    }
)
"""`model_type` -> what it stands for."""
