"""Hugging Face directories: both spellings, one file or shards, multimodal checkpoints."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rlxc import RlxcError
from rlxc.models.checkpoint import open_checkpoint
from weight_files import save_safetensors

MODELS = Path(__file__).parents[2] / "data" / "models"
CONFIG = {"model_type": "llama", "hidden_size": 4}
rng = np.random.default_rng(5)


def random(*shape: int) -> NDArray[np.float32]:
    return rng.standard_normal(shape, np.float32)


TENSORS = {
    "model.embed_tokens.weight": random(8, 4),
    "model.layers.0.self_attn.q_proj.weight": random(4, 4),
    "model.norm.weight": random(4),
    "lm_head.weight": random(8, 4),
}


def save(directory: Path, tensors: dict[str, NDArray[Any]], config: dict[str, Any] = CONFIG) -> Path:
    """A model in one file."""
    (directory / "config.json").write_text(json.dumps(config))
    save_safetensors(directory / "model.safetensors", tensors)
    return directory


def save_shards(directory: Path, shards: dict[str, list[str]], weight_map: dict[str, Any] | None = None) -> Path:
    """A model in several files: file -> keys; `weight_map` is what the index says if that is something else."""
    (directory / "config.json").write_text(json.dumps(CONFIG))
    for name, keys in shards.items():
        save_safetensors(directory / name, {key: TENSORS[key] for key in keys})
    found = {key: name for name, keys in shards.items() for key in keys} if weight_map is None else weight_map
    (directory / "model.safetensors.index.json").write_text(json.dumps({"weight_map": found}))
    return directory


@pytest.mark.parametrize("name", ["llama_tiny", "mistral_tiny", "qwen3_tiny", "gemma3_tiny", "gemma4_tiny_dense"])
def test_model_as_saved(name: str) -> None:
    checkpoint = open_checkpoint(MODELS / name)
    assert checkpoint.config == json.loads((MODELS / name / "config.json").read_text())
    assert checkpoint.weights.shape("model.embed_tokens.weight") == (128, 64)
    assert checkpoint.weights.get("model.layers.0.self_attn.k_proj.weight").dtype.kind == "f"
    assert ("lm_head.weight" in checkpoint.weights.keys()) is not checkpoint.config["tie_word_embeddings"]
    assert checkpoint.generation == {}
    assert checkpoint.tokenizer_source == MODELS / name


def test_generation_config(tmp_path: Path) -> None:
    save(tmp_path, TENSORS)
    (tmp_path / "generation_config.json").write_text('{"eos_token_id": [1, 7], "temperature": 0.6}')
    assert open_checkpoint(tmp_path).generation == {"eos_token_id": [1, 7], "temperature": 0.6}


def test_shards(tmp_path: Path) -> None:
    first, *others = TENSORS
    shards = {"model-00001-of-00002.safetensors": [first], "model-00002-of-00002.safetensors": others}
    weights = open_checkpoint(save_shards(tmp_path, shards)).weights
    assert set(weights.keys()) == set(TENSORS)
    for key, tensor in TENSORS.items():
        assert weights.shape(key) == tensor.shape
        assert np.array_equal(weights.get(key), tensor)


@pytest.mark.parametrize("body", ["language_model.model.", "model.language_model.", "language_model.", ""])
@pytest.mark.parametrize("head", ["lm_head.", "language_model.lm_head."])
def test_text_model_of_a_multimodal_checkpoint(tmp_path: Path, body: str, head: str) -> None:
    stored = {
        key.replace("lm_head.", head) if "lm_head" in key else body + key.removeprefix("model."): tensor
        for key, tensor in TENSORS.items()
    }
    for other in ("vision_tower.encoder.w", "model.audio_tower.w", "multi_modal_projector.w", "model.embed_vision.w"):
        stored[other] = random(2)
    config = {"model_type": "gemma3", "eos_token_id": [1, 106], "text_config": {"hidden_size": 4}, "vision_config": {}}
    checkpoint = open_checkpoint(save(tmp_path, stored, config))
    assert checkpoint.config == {"model_type": "gemma3_text", "eos_token_id": [1, 106], "hidden_size": 4}
    assert set(checkpoint.weights.keys()) == set(TENSORS)
    assert np.array_equal(checkpoint.weights.get("lm_head.weight"), TENSORS["lm_head.weight"])


@pytest.mark.parametrize(
    ("model_type", "stored", "expected"),
    [
        ("bert", "bert.encoder.layer.0.output.dense.weight", "encoder.layer.0.output.dense.weight"),
        ("bert", "embeddings.LayerNorm.gamma", "embeddings.LayerNorm.weight"),
        ("bert", "bert.embeddings.LayerNorm.beta", "embeddings.LayerNorm.bias"),
        ("gpt_neox", "layers.0.mlp.dense_h_to_4h.bias", "gpt_neox.layers.0.mlp.dense_h_to_4h.bias"),
        ("gpt_neox", "embed_out.weight", "embed_out.weight"),
        ("qwen3", "layers.0.mlp.up_proj.weight", "model.layers.0.mlp.up_proj.weight"),
    ],
)
def test_names_of_families(tmp_path: Path, model_type: str, stored: str, expected: str) -> None:
    checkpoint = open_checkpoint(save(tmp_path, {stored: random(2)}, {"model_type": model_type}))
    assert list(checkpoint.weights.keys()) == [expected]


def test_two_tensors_of_one_name(tmp_path: Path) -> None:
    save(tmp_path, {"model.norm.weight": random(4), "norm.weight": random(4)})
    with pytest.raises(RlxcError, match=r"are both 'model\.norm\.weight'"):
        open_checkpoint(tmp_path)


def test_missing_key(tmp_path: Path) -> None:
    weights = open_checkpoint(save(tmp_path, TENSORS)).weights
    with pytest.raises(RlxcError, match=r"no weight 'model\.norm\.wieght' .*did you mean 'model\.norm\.weight'"):
        weights.get("model.norm.wieght")


CONFIGS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", r"config\.json:1:1: not JSON: Expecting value"),
    "cut": (b'{\n  "hidden_size": 64,', r"config\.json:2:21: not JSON"),
    "a list": (b"[1]", "holds a JSON list, expected an object"),
    "not a number": (b'{"rope_scaling": {"factor": NaN}}', r"'rope_scaling\.factor' is not a finite number"),
    "beyond float": (b'{"rms_norm_eps": [1, 1e999]}', "'rms_norm_eps' is not a finite number"),
    "too many digits": (b'{"a": ' + b"1" * 5000 + b"}", "Exceeds the limit"),
    "too deep": (b'{"a": ' + b"[" * 200_000, "nested too deeply"),
    "not text": (b'{"a": "\xff"}', "not UTF-8 text: byte 0xff at 7"),
    "too large": (b" " * (2**24 + 1), "more than the 16777216"),
    "text_config is no object": (b'{"text_config": 3}', "'text_config' is a int, expected an object"),
}


@pytest.mark.parametrize("case", CONFIGS)
def test_damaged_config(tmp_path: Path, case: str) -> None:
    data, problem = CONFIGS[case]
    save(tmp_path, TENSORS)
    (tmp_path / "config.json").write_bytes(data)
    with pytest.raises(RlxcError, match=problem):
        open_checkpoint(tmp_path)


def test_config_that_is_no_file(tmp_path: Path) -> None:
    save(tmp_path, TENSORS)
    (tmp_path / "config.json").unlink()
    with pytest.raises(RlxcError, match=r"config\.json': there is no such file"):
        open_checkpoint(tmp_path)
    (tmp_path / "config.json").symlink_to("config.json")
    with pytest.raises(RlxcError, match=r"config\.json': "):
        open_checkpoint(tmp_path)
    (tmp_path / "config.json").unlink()
    (tmp_path / "config.json").mkdir()
    with pytest.raises(RlxcError, match=r"config\.json': it is not a regular file"):
        open_checkpoint(tmp_path)


INDEXES: dict[str, tuple[object, str]] = {
    "no map": ({}, "'weight_map' is not an object"),
    "a list": ({"weight_map": ["a.safetensors"]}, "'weight_map' is not an object"),
    "a number": ({"weight_map": {"w": 3}}, "the file of 'w' is 3"),
    "outside": ({"weight_map": {"w": "../model.safetensors"}}, r"the file of 'w' is '\.\./model\.safetensors'"),
    "elsewhere": ({"weight_map": {"w": "/etc/passwd"}}, "the file of 'w' is '/etc/passwd'"),
    "below": ({"weight_map": {"w": "a/b.safetensors"}}, "the file of 'w' is 'a/b"),
    "itself": ({"weight_map": {"w": "model.safetensors.index.json"}}, "expected the name of a .safetensors file"),
    "a zero byte": ({"weight_map": {"w": "a\0.safetensors"}}, "cannot read"),
    "missing": ({"weight_map": {"w": "model-7.safetensors"}}, r"model-7\.safetensors': there is no such file"),
    "another key": ({"weight_map": {"w": "a.safetensors"}}, "it says that 'a.safetensors' holds 'w'"),
    "too many": ({"weight_map": {str(n): f"{n}.safetensors" for n in range(5000)}}, "it names 5000 files"),
}


@pytest.mark.parametrize("case", INDEXES)
def test_damaged_index(tmp_path: Path, case: str) -> None:
    index, problem = INDEXES[case]
    save_shards(tmp_path, {"a.safetensors": list(TENSORS)})
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(RlxcError, match=problem):
        open_checkpoint(tmp_path)


def test_directory_without_weights(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(RlxcError, match=r"neither model\.safetensors nor .*, only pytorch_model\.bin") as caught:
        open_checkpoint(tmp_path)
    assert "save_pretrained" in str(caught.value.hint)


def test_no_model(tmp_path: Path) -> None:
    with pytest.raises(RlxcError, match="there is no such directory or file"):
        open_checkpoint(tmp_path / "none")
    (tmp_path / "a.txt").write_text("")
    with pytest.raises(RlxcError, match="it is no model file"):
        open_checkpoint(tmp_path / "a.txt")
