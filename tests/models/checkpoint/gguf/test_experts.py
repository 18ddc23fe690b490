"""Mixtures of experts in GGUF files are the models that they were made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGMLQuantizationType
from gguf.quants import dequantize, quantize
from numpy.typing import NDArray

from gguf_files import save_gguf
from gguf_models import metadata, written
from reference_models import MODELS
from rlxc import load_model
from rlxc.models.checkpoint import Checkpoint, open_checkpoint
from rlxc.models.config import read_decoder
from weight_files import save_safetensors

Array = NDArray[Any]

ARCHITECTURES = {"mixtral": "llama", "qwen2_moe": "qwen2moe", "qwen3_moe": "qwen3moe"}
IDS = [list(range(20, 40))]
HIDDEN, WIDTH, EXPERTS = 64, 32, 4


def all_metadata(model: Checkpoint, architecture: str) -> dict[str, Any]:
    """The keys of a file that say all that its config says."""
    config = model.config
    return metadata(model, architecture) | {
        ".attention.layer_norm_rms_epsilon": config["rms_norm_eps"],
        ".attention.sliding_window": 0,
        ".rope.dimension_count": config["head_dim"],
        ".rope.freq_base": config["rope_parameters"]["rope_theta"],
    }


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_same_model(tmp_path: Path, name: str) -> None:
    """Whether the weights of experts sum to one is not in the file, but follows from the architecture."""
    model, architecture = open_checkpoint(MODELS / name), ARCHITECTURES[name]
    file = save_gguf(tmp_path / "a.gguf", architecture, all_metadata(model, architecture), written(model, architecture))
    assert read_decoder(open_checkpoint(file).config).layers == read_decoder(model.config).layers
    np.testing.assert_array_equal(load_model(file, "numpy").logits(IDS), load_model(MODELS / name, "numpy").logits(IDS))


def tiny_qwen3_moe(directory: Path, kind: GGMLQuantizationType) -> Checkpoint:
    """A model of random weights, of which those of experts are numbers that a quantization can hold."""
    directory.mkdir()
    config = json.loads((MODELS / "qwen3_moe" / "config.json").read_text())
    sizes = {"hidden_size": HIDDEN, "moe_intermediate_size": WIDTH, "num_local_experts": EXPERTS}
    more = {"num_hidden_layers": 2, "decoder_sparse_step": 1, "tie_word_embeddings": True}
    (directory / "config.json").write_text(json.dumps(config | sizes | more))
    shapes = {"model.embed_tokens.weight": (96, HIDDEN), "model.norm.weight": (HIDDEN,)}
    for layer in range(2):
        shapes |= {f"model.layers.{layer}.{key}": shape for key, shape in LAYER.items()}
    rng = np.random.default_rng(16)
    tensors = {key: rng.standard_normal(shape).astype(np.float32) / 4 for key, shape in shapes.items()}
    held = {key: dequantize(quantize(tensors[key], kind), kind) for key in tensors if "experts" in key}
    save_safetensors(directory / "model.safetensors", tensors | held)
    return open_checkpoint(directory)


LAYER: dict[str, tuple[int, ...]] = {
    "input_layernorm.weight": (HIDDEN,),
    "post_attention_layernorm.weight": (HIDDEN,),
    "self_attn.q_proj.weight": (64, HIDDEN),
    "self_attn.k_proj.weight": (32, HIDDEN),
    "self_attn.v_proj.weight": (32, HIDDEN),
    "self_attn.o_proj.weight": (HIDDEN, 64),
    "self_attn.q_norm.weight": (16,),
    "self_attn.k_norm.weight": (16,),
    "mlp.gate.weight": (EXPERTS, HIDDEN),
    **{f"mlp.experts.{expert}.gate_proj.weight": (WIDTH, HIDDEN) for expert in range(EXPERTS)},
    **{f"mlp.experts.{expert}.up_proj.weight": (WIDTH, HIDDEN) for expert in range(EXPERTS)},
    **{f"mlp.experts.{expert}.down_proj.weight": (HIDDEN, WIDTH) for expert in range(EXPERTS)},
}


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("kind", ["Q8_0", "Q4_0"])
def test_quantized_experts(tmp_path: Path, kind: str, target: Any) -> None:
    encoding = GGMLQuantizationType[kind]
    model = tiny_qwen3_moe(tmp_path / "model", encoding)
    tensors = {
        name: quantize(tensor, encoding) if "_exps" in name else tensor
        for name, tensor in written(model, "qwen3moe").items()
    }
    kinds = {name: encoding for name in tensors if "_exps" in name}
    file = save_gguf(tmp_path / "a.gguf", "qwen3moe", all_metadata(model, "qwen3moe"), tensors, kinds)
    np.testing.assert_array_equal(load_model(file, target).logits(IDS), load_model(model.path, target).logits(IDS))
