"""Make tiny models with windows, long ropes and odd shapes, and references of batches of prompts of two lengths.

`python bench/references/make_families.py` needs the extra `refs`. The models have seeded random weights, stored in
bfloat16; logits are computed in float64, greedy ids in float32. The tests read what it writes, `tests/data/families`.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import torch
from transformers import AutoConfig, AutoModelForCausalLM

OUTPUT = Path(__file__).parents[2] / "tests" / "data" / "families"

LENGTH, NEW = 24, 10
PADDED = 7
"""How much later the second sequence of the batch begins."""

COMMON = {
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}


def scaled(kind: str, **parameters: Any) -> dict[str, Any]:
    """Rope parameters."""
    return {"rope_type": kind, "rope_theta": 10000.0, **parameters}


def rising(count: int, step: float) -> list[float]:
    """Factors of LongRoPE."""
    return [1 + step * index for index in range(count)]


LONG = {"short_factor": rising(4, 0.1), "long_factor": rising(4, 1.5), "original_max_position_embeddings": 30}
GEMMA_4 = {"num_hidden_layers": 6, "head_dim": 8, "global_head_dim": 16, "sliding_window": 5}
GEMMA_4_DENSE = {**GEMMA_4, "hidden_size_per_layer_input": 0, "num_kv_shared_layers": 0}
SLIDING, FULL = "sliding_attention", "full_attention"
GEMMA_4_E = {
    **GEMMA_4,
    "num_hidden_layers": 7,
    "layer_types": [SLIDING, SLIDING, FULL, SLIDING, SLIDING, SLIDING, FULL],
    "hidden_size_per_layer_input": 4,
    "vocab_size_per_layer_input": 96,
    "num_kv_shared_layers": 3,
}

MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "mistral_no_window": ("mistral", {"sliding_window": None, "head_dim": 16}),
    "mistral_window": ("mistral", {"sliding_window": 5}),
    "qwen2_upper_window": ("qwen2", {"use_sliding_window": True, "sliding_window": 5, "max_window_layers": 1}),
    "llama_biased_wide_heads": (
        "llama",
        {"head_dim": 24, "attention_bias": True, "mlp_bias": True, "num_key_value_heads": 4},
    ),
    "qwen3_one_kv_head": (
        "qwen3",
        {"hidden_size": 48, "num_attention_heads": 8, "num_key_value_heads": 1, "head_dim": 12},
    ),
    "gpt_neox_tied": (
        "gpt_neox",
        {
            "rope_parameters": scaled("linear", partial_rotary_factor=1.0, factor=2.0),
            "use_parallel_residual": False,
            "tie_word_embeddings": True,
            "hidden_act": "relu",
        },
    ),
    "gemma2_biased": (
        "gemma2",
        {"head_dim": 24, "query_pre_attn_scalar": 13, "sliding_window": 3, "attention_bias": True}
        | {"attn_logit_softcapping": 4.0, "final_logit_softcapping": None},
    ),
    "gemma3_other_layers": (
        "gemma3_text",
        {
            "num_hidden_layers": 3,
            "head_dim": 24,
            "sliding_window": 3,
            "layer_types": [FULL, SLIDING, FULL],
            "rope_parameters": {FULL: {**scaled("linear", factor=8.0), "rope_theta": 1e6}, SLIDING: scaled("default")},
        },
    ),
    "gemma3": ("gemma3_text", {"num_hidden_layers": 7, "head_dim": 8, "sliding_window": 4}),
    "gemma4": (
        "gemma4_text",
        {
            **GEMMA_4_DENSE,
            "num_global_key_value_heads": 1,
            "attention_k_eq_v": True,
            "final_logit_softcapping": 5.0,
        },
    ),
    "gemma4_e": ("gemma4_text", {**GEMMA_4_E, "use_double_wide_mlp": True}),
    "gemma4_e_one_projection": (
        "gemma4_text",
        {**GEMMA_4_E, "num_global_key_value_heads": 1, "attention_k_eq_v": True, "attention_bias": True},
    ),
    "gemma4_own_values": ("gemma4_text", {**GEMMA_4_DENSE, "attention_k_eq_v": False}),
    "phi3_partial_window": (
        "phi3",
        {"sliding_window": 7, "rope_parameters": scaled("default", partial_rotary_factor=0.5)},
    ),
    "phi3_longrope": (
        "phi3",
        {"original_max_position_embeddings": 30, "rope_parameters": scaled("longrope", **LONG)},
    ),
}
"""Name -> model type, and what its config has besides `COMMON`. `phi3_longrope` becomes long while it generates."""


def draw_weights(model: torch.nn.Module, offset: float) -> None:
    """Random weights under which the logits differ: matrices that keep the scale, gains about 1, biases about 0."""
    scalars = [(name, buffer) for name, buffer in model.named_buffers() if "scalar" in name]
    for name, tensor in [*model.named_parameters(), *scalars]:
        drawn = torch.randn_like(tensor)
        if tensor.dim() > 1:
            drawn *= 0.8 if "embed" in name else 1.3 / math.sqrt(tensor.shape[-1])
        else:
            drawn = 0.2 * drawn + (0.0 if "bias" in name else 1.0 - offset)
        tensor.data.copy_(drawn)


def load(directory: Path, dtype: torch.dtype) -> Any:
    """The stored model, to compute in a type."""
    return AutoModelForCausalLM.from_pretrained(directory, attn_implementation="eager", dtype=dtype).eval()


def continued(model: Any, ids: torch.Tensor, mask: torch.Tensor) -> np.ndarray:
    """The most likely tokens that follow."""
    options = {"max_new_tokens": NEW, "do_sample": False, "eos_token_id": None, "pad_token_id": 0}
    return model.generate(ids, attention_mask=mask, **options)[:, ids.shape[1] :].numpy()


@torch.no_grad()
def make(name: str) -> None:
    """Write one model and its reference."""
    model_type, config = MODELS[name]
    torch.manual_seed(crc32(name.encode()))
    settings = {**COMMON, **config}
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(model_type, **settings))
    draw_weights(model, offset=1.0 if model_type in ("gemma2", "gemma3_text") else 0.0)
    directory = OUTPUT / name
    model.to(torch.bfloat16).save_pretrained(directory)
    (directory / "generation_config.json").unlink(missing_ok=True)
    ids = torch.randint(3, COMMON["vocab_size"], (2, LENGTH))
    mask = torch.ones_like(ids)
    mask[1, :PADDED] = 0
    narrow, wide = load(directory, torch.float32), load(directory, torch.float64)
    logits = wide(ids[:1]).logits.numpy()
    error = float(np.abs(narrow(ids[:1]).logits.numpy() - logits).max())
    np.savez(
        directory / "reference.npz",
        input_ids=ids.numpy(),
        attention_mask=mask.numpy(),
        logits64=logits,
        greedy_ids=continued(narrow, ids[:1], mask[:1]),
        greedy_ids_padded=continued(narrow, ids, mask),
        tolerance=8 * error,
    )
    print(f"{name}: error of float32 {error:.2g}, largest logit {np.abs(logits).max():.3g}")


def main() -> None:
    """Make the models that are named, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(MODELS))
    for name in parser.parse_args().names:
        make(name)


if __name__ == "__main__":
    main()
