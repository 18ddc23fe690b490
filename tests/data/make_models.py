"""Make the reference models of `tests/data/models`: tiny, seeded, computed by transformers in float32 and float64.

Needs the extra `refs` (torch and transformers), which no test needs: `python tests/data/make_models.py [NAME...]`.
Each directory has `config.json`, `config.hub.json` (the same in the older spelling), `model.safetensors`
(float16, to which all weights are rounded first), `reference.npz` and `reference.json`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from torch.overrides import TorchFunctionMode

MODELS = Path(__file__).parent / "models"

SMALL = {
    "vocab_size": 96,
    "hidden_size": 48,
    "intermediate_size": 80,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "max_position_embeddings": 128,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
EQUAL_HEADS = {key: value for key, value in SMALL.items() if key not in ("head_dim", "num_key_value_heads")}
GEMMA = {**SMALL, "hidden_activation": "gelu_pytorch_tanh", "sliding_window": 6}
SLIDING, FULL = "sliding_attention", "full_attention"
GEMMA4_ROPE = {
    FULL: {"rope_type": "proportional", "partial_rotary_factor": 0.25, "rope_theta": 1000000.0},
    SLIDING: {"rope_type": "default", "rope_theta": 10000.0},
}
GEMMA4 = {
    **GEMMA,
    "num_hidden_layers": 3,
    "layer_types": [SLIDING, SLIDING, FULL],
    "global_head_dim": 32,
    "rope_parameters": GEMMA4_ROPE,
    "hidden_size_per_layer_input": 0,
    "vocab_size_per_layer_input": 96,
    "num_kv_shared_layers": 0,
    "final_logit_softcapping": 30.0,
}
HALF = SMALL["head_dim"] // 2


def rope(kind: str, theta: float = 10000.0, **parameters: Any) -> dict[str, Any]:
    """`rope_parameters` of a type."""
    return {"rope_parameters": {"rope_type": kind, "rope_theta": theta, **parameters}}


LONGROPE = {
    "short_factor": [1.0 + 0.05 * i for i in range(HALF)],
    "long_factor": [1.0 + 0.6 * i for i in range(HALF)],
}

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "llama_yarn_mqa_biased": (
        "Llama",
        SMALL
        | {"num_attention_heads": 8, "num_key_value_heads": 1, "attention_bias": True, "mlp_bias": True}
        | {"tie_word_embeddings": True}
        | rope("yarn", factor=4.0, original_max_position_embeddings=32),
    ),
    "llama_linear": ("Llama", SMALL | {"num_key_value_heads": 4, "head_dim": 12} | rope("linear", factor=4.0)),
    "llama_dynamic": ("Llama", SMALL | {"max_position_embeddings": 64} | rope("dynamic", factor=4.0)),
    "mistral_wide_heads": ("Mistral", SMALL | {"head_dim": 24, "sliding_window": 5, "tie_word_embeddings": True}),
    "qwen2": (
        "Qwen2",
        SMALL | {"use_sliding_window": True, "sliding_window": 6, "max_window_layers": 1, "tie_word_embeddings": True},
    ),
    "qwen3_untied": ("Qwen3", SMALL | {"head_dim": 20, "attention_bias": True, "tie_word_embeddings": False}),
    "gemma2": (
        "Gemma2",
        GEMMA | {"query_pre_attn_scalar": 20, "attn_logit_softcapping": 20.0, "final_logit_softcapping": 10.0},
    ),
    "gemma4_ple": (
        "Gemma4",
        GEMMA4
        | {"num_hidden_layers": 5, "layer_types": [SLIDING, FULL, SLIDING, SLIDING, FULL]}
        | {"hidden_size_per_layer_input": 8, "num_kv_shared_layers": 2, "use_double_wide_mlp": True},
    ),
    "gemma4_moe": (
        "Gemma4",
        GEMMA4
        | {"attention_k_eq_v": True, "num_global_key_value_heads": 1, "enable_moe_block": True}
        | {"num_experts": 6, "top_k_experts": 2, "moe_intermediate_size": 24},
    ),
    "phi3_longrope_short": (
        "Phi3",
        SMALL
        | {"original_max_position_embeddings": 64, "hidden_size": 64, "sliding_window": 8}
        | rope("longrope", **LONGROPE),
    ),
    "phi3_longrope_long": (
        "Phi3",
        SMALL | {"original_max_position_embeddings": 8, "hidden_size": 64} | rope("longrope", **LONGROPE),
    ),
    "phi3_partial": (
        "Phi3",
        SMALL | {"hidden_size": 64, "tie_word_embeddings": True} | rope("default", partial_rotary_factor=0.75),
    ),
    "gptneox": ("GPTNeoX", EQUAL_HEADS | {"rotary_pct": 0.5, "hidden_act": "gelu", "use_parallel_residual": True}),
    "gptneox_sequential": (
        "GPTNeoX",
        EQUAL_HEADS | {"rotary_pct": 1.0, "hidden_act": "gelu", "use_parallel_residual": False},
    ),
    "mixtral": ("Mixtral", SMALL | {"num_local_experts": 4, "num_experts_per_tok": 2, "sliding_window": None}),
    "qwen2_moe": (
        "Qwen2Moe",
        SMALL
        | {"num_hidden_layers": 3, "num_experts": 5, "num_experts_per_tok": 3, "moe_intermediate_size": 24}
        | {"shared_expert_intermediate_size": 40, "decoder_sparse_step": 1, "mlp_only_layers": [1]}
        | {"norm_topk_prob": False},
    ),
    "qwen3_moe": (
        "Qwen3Moe",
        SMALL
        | {"num_hidden_layers": 3, "num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 24}
        | {"decoder_sparse_step": 2, "mlp_only_layers": [], "norm_topk_prob": True},
    ),
    "bert": ("Bert", EQUAL_HEADS | {"type_vocab_size": 2, "hidden_act": "gelu"}),
}
"""Name -> the class of transformers, and its config."""

TEXT_CONFIGS = {"Gemma4": "Gemma4TextConfig"}
PER_STEP = 8
LENGTH = 24


def build(kind: str, options: dict[str, Any]) -> Any:
    """A model in float32 whose weights are random, and exact in float16."""
    config = getattr(transformers, TEXT_CONFIGS.get(kind, f"{kind}Config"))(**options)
    config._attn_implementation = "eager"
    config._experts_implementation = "eager"
    suffix = "Model" if kind == "Bert" else "ForCausalLM"
    arguments = {"add_pooling_layer": False} if kind == "Bert" else {}
    model = getattr(transformers, kind + suffix)(config, **arguments).eval()
    with torch.no_grad():
        for name, tensor in [*model.named_parameters(), *named_scalars(model)]:
            tensor.copy_(values(name, tensor).half().float())
    return model


def named_scalars(model: Any) -> list[tuple[str, Any]]:
    """Buffers that are weights: the scale of each layer of Gemma 4."""
    return [(name, buffer) for name, buffer in model.named_buffers() if name.endswith("layer_scalar")]


def values(name: str, tensor: Any) -> Any:
    """Random values that keep the scale of activations: norms about what they are, biases and tables small."""
    noise = torch.randn(tensor.shape)
    if tensor.ndim < 2 or "layer_scalar" in name:
        return tensor + 0.1 * noise
    return noise / tensor.shape[-1] ** 0.5 if "embed" not in name else noise


def logits_of(model: Any, ids: Any) -> Any:
    """Logits of a decoder, states of an encoder."""
    output = model(ids)
    return output.last_hidden_state if "Bert" in type(model).__name__ else output.logits


class Float64(TorchFunctionMode):
    """Takes `x.float()`, `x.to(torch.float32)` and `softmax(x, dtype=torch.float32)` of float64 for float64.

    Norms and softmax of transformers go through float32 whatever the type of the model. The angles of rotary
    embeddings do so too, and stay in float32: that is what they are defined to be.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """See TorchFunctionMode."""
        kwargs = dict(kwargs or {})
        if args and isinstance(args[0], torch.Tensor) and args[0].dtype == torch.float64 and not self.rotary:
            if func is torch.Tensor.float:
                return args[0]
            args = tuple(torch.float64 if one is torch.float32 else one for one in args)
            kwargs = {key: torch.float64 if value is torch.float32 else value for key, value in kwargs.items()}
        return func(*args, **kwargs)

    rotary = False

    def watch(self, model: Any) -> None:
        """Leave the rotary embeddings of a model alone."""
        for module in model.modules():
            if type(module).__name__.endswith("RotaryEmbedding"):
                module.register_forward_pre_hook(lambda *_: setattr(self, "rotary", True))
                module.register_forward_hook(lambda *_: setattr(self, "rotary", False))


def greedy(model: Any, ids: Any, count: int) -> tuple[list[int], Any]:
    """The most likely continuation, each token from the whole text before it, and the logits of each step."""
    found: list[int] = []
    steps: list[Any] = []
    for _ in range(count):
        last = logits_of(model, ids)[:, -1]
        steps.append(last[0])
        found.append(int(last.argmax()))
        ids = torch.cat([ids, last.argmax(-1, keepdim=True)], 1)
    return found, torch.stack(steps)


def older(config: dict[str, Any]) -> dict[str, Any]:
    """The config as transformers 4 wrote it, which most checkpoints have."""
    found = {key: value for key, value in config.items() if key not in ("dtype", "per_layer_config")}
    found |= {"torch_dtype": "float16", "transformers_version": "4.57.0"}
    rope = found.get("rope_parameters", {})
    if "rope_theta" in rope:
        parts = dict(found.pop("rope_parameters"))
        neox = config["model_type"] == "gpt_neox"
        names = {"rope_theta": "rotary_emb_base", "partial_rotary_factor": "rotary_pct"} if neox else {}
        for key in ("rope_theta", "partial_rotary_factor"):
            if key in parts:
                found[names.get(key, key)] = parts.pop(key)
        parts.pop("original_max_position_embeddings" if "original_max_position_embeddings" in found else "", None)
        found["rope_scaling"] = None if parts["rope_type"] == "default" else parts
    if config["model_type"] == "qwen3_moe" and "num_local_experts" in found:
        found["num_experts"] = found.pop("num_local_experts")
    for layer in config.get("per_layer_config", {}).values():
        found["global_head_dim"] = layer["head_dim"]
        found["num_global_key_value_heads"] = layer.get("num_key_value_heads")
    return found


def make(name: str) -> None:
    """One directory."""
    kind, options = CASES[name]
    seed = 1000 + list(CASES).index(name)
    torch.manual_seed(seed)
    model, directory = build(kind, options), MODELS / name
    ids = torch.randint(3, options["vocab_size"], (1, LENGTH))
    with torch.no_grad():
        single = logits_of(model, ids)
        mode, double_model = Float64(), model.double()
        mode.watch(double_model)
        with mode:
            double = logits_of(double_model, ids)
        arrays = {"input_ids": ids.numpy(), "logits": single.numpy(), "logits64": double.numpy()}
        facts: dict[str, Any] = {}
        if kind != "Bert":
            with mode:
                greedy_ids, steps = greedy(double_model, ids, PER_STEP)
            arrays |= {"greedy_ids": np.array([greedy_ids]), "greedy_logits": steps.float().numpy()}
            top = steps.topk(2).values
            facts = {"greedy_ids": greedy_ids, "greedy_min_margin": float((top[:, 0] - top[:, 1]).min())}
    error = float((single.double() - double).abs().max())
    model.half().save_pretrained(directory)
    config = json.loads((directory / "config.json").read_text())
    (directory / "config.hub.json").write_text(json.dumps(older(config), indent=2) + "\n")
    np.savez_compressed(directory / "reference.npz", **arrays)
    facts |= {
        "name": name,
        "seed": seed,
        "transformers": transformers.__version__,
        "hf_f32_err_vs_f64": error,
        "max_abs_logit": float(double.abs().max()),
        "tolerance_f32": max(8 * error, 1e-5),
    }
    (directory / "reference.json").write_text(json.dumps(facts, indent=1) + "\n")
    (directory / "generation_config.json").unlink(missing_ok=True)
    print(f"{name}: float32 is off by {error:.1e}, logits up to {facts['max_abs_logit']:.2f}")


if __name__ == "__main__":
    for case in sys.argv[1:] or CASES:
        make(case)
