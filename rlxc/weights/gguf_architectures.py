"""The tensors of each architecture that GGUF files hold, and their names in Hugging Face checkpoints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class TensorNames:
    """GGUF name -> Hugging Face name: of a module (`.weight` and `.bias` follow both), or of a whole tensor."""

    layer: Mapping[str, str]
    """Those of a layer, without `blk.N.` and what `layers` says."""

    whole: Mapping[str, str] = field(default_factory=lambda: CAUSAL)
    """Those that belong to no layer."""

    layers: str = "model.layers.{}."
    """What the names of a layer begin with."""

    experts: Mapping[str, str] = field(default_factory=lambda: NO_EXPERTS)
    """Those that hold one matrix for each expert."""


CAUSAL = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}
NO_EXPERTS: Mapping[str, str] = {}

ATTENTION = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm",
    "attn_k_norm": "self_attn.k_norm",
}
MLP = {"ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj"}
PRE_NORM = {**ATTENTION, **MLP, "ffn_norm": "post_attention_layernorm"}
SANDWICH_NORM = {
    **ATTENTION,
    **MLP,
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "pre_feedforward_layernorm",
    "post_ffw_norm": "post_feedforward_layernorm",
}
MERGED = {**PRE_NORM, "attn_qkv": "self_attn.qkv_proj", "ffn_up": "mlp.gate_up_proj"}

MIXTRAL_EXPERTS = {
    "ffn_gate_exps": "block_sparse_moe.experts.{}.w1",
    "ffn_up_exps": "block_sparse_moe.experts.{}.w3",
    "ffn_down_exps": "block_sparse_moe.experts.{}.w2",
}
QWEN_EXPERTS = {
    "ffn_gate_exps": "mlp.experts.{}.gate_proj",
    "ffn_up_exps": "mlp.experts.{}.up_proj",
    "ffn_down_exps": "mlp.experts.{}.down_proj",
}
QWEN_MOE = {
    **PRE_NORM,
    "ffn_gate_inp": "mlp.gate",
    "ffn_gate_inp_shexp": "mlp.shared_expert_gate",
    "ffn_gate_shexp": "mlp.shared_expert.gate_proj",
    "ffn_up_shexp": "mlp.shared_expert.up_proj",
    "ffn_down_shexp": "mlp.shared_expert.down_proj",
}
GEMMA4 = {
    **SANDWICH_NORM,
    "layer_output_scale.weight": "layer_scalar",
    "inp_gate": "per_layer_input_gate",
    "proj": "per_layer_projection",
    "post_norm": "post_per_layer_input_norm",
    "post_ffw_norm_1": "post_feedforward_layernorm_1",
    "pre_ffw_norm_2": "pre_feedforward_layernorm_2",
    "post_ffw_norm_2": "post_feedforward_layernorm_2",
    "ffn_gate_inp": "router.proj",
    "ffn_gate_inp.scale": "router.scale",
    "ffn_down_exps.scale": "router.per_expert_scale",
}
GEMMA4_EXPERTS = {"ffn_gate_up_exps": "experts.{}.gate_up_proj", "ffn_down_exps": "experts.{}.down_proj"}
GEMMA4_WHOLE = {
    **CAUSAL,
    "per_layer_token_embd": "model.embed_tokens_per_layer",
    "per_layer_model_proj": "model.per_layer_model_projection",
    "per_layer_proj_norm": "model.per_layer_projection_norm",
}
GPT_NEOX = {
    "attn_norm": "input_layernorm",
    "attn_qkv": "attention.query_key_value",
    "attn_output": "attention.dense",
    "ffn_norm": "post_attention_layernorm",
    "ffn_up": "mlp.dense_h_to_4h",
    "ffn_down": "mlp.dense_4h_to_h",
}
GPT_NEOX_WHOLE = {
    "token_embd": "gpt_neox.embed_in",
    "output_norm": "gpt_neox.final_layer_norm",
    "output": "embed_out",
}
BERT = {
    "attn_q": "attention.self.query",
    "attn_k": "attention.self.key",
    "attn_v": "attention.self.value",
    "attn_output": "attention.output.dense",
    "attn_output_norm": "attention.output.LayerNorm",
    "ffn_up": "intermediate.dense",
    "ffn_down": "output.dense",
    "layer_output_norm": "output.LayerNorm",
}
BERT_WHOLE = {
    "token_embd": "embeddings.word_embeddings",
    "position_embd": "embeddings.position_embeddings",
    "token_types": "embeddings.token_type_embeddings",
    "token_embd_norm": "embeddings.LayerNorm",
}

ARCHITECTURES: Mapping[str, TensorNames] = {
    "llama": TensorNames({**PRE_NORM, "ffn_gate_inp": "block_sparse_moe.gate"}, experts=MIXTRAL_EXPERTS),
    "qwen2": TensorNames(PRE_NORM),
    "qwen3": TensorNames(PRE_NORM),
    "qwen2moe": TensorNames(QWEN_MOE, experts=QWEN_EXPERTS),
    "qwen3moe": TensorNames(QWEN_MOE, experts=QWEN_EXPERTS),
    "phi3": TensorNames(MERGED),
    "gemma2": TensorNames(SANDWICH_NORM),
    "gemma3": TensorNames(SANDWICH_NORM),
    "gemma4": TensorNames(GEMMA4, GEMMA4_WHOLE, experts=GEMMA4_EXPERTS),
    "gptneox": TensorNames(GPT_NEOX, GPT_NEOX_WHOLE, "gpt_neox.layers.{}."),
    "bert": TensorNames(BERT, BERT_WHOLE, "encoder.layer.{}."),
}
"""The names by `general.architecture`."""
