"""Hugging Face directories: `config.json`, `generation_config.json` and safetensors files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from rlxc.diagnostics import RlxcError
from rlxc.models.checkpoint.checkpoint import Checkpoint
from rlxc.models.checkpoint.json_file import read_object, require_regular
from rlxc.models.checkpoint.renamed import RenamedWeights
from rlxc.models.checkpoint.shards import ShardedWeights
from rlxc.models.checkpoint.tensor_names import text_tensors
from rlxc.models.checkpoint.unstacked import unstacked
from rlxc.weights import WeightSource, open_weights

CONFIG, GENERATION = "config.json", "generation_config.json"
WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"

SHARED = ("bos_token_id", "eos_token_id", "pad_token_id", "tie_word_embeddings", "dtype", "torch_dtype")
"""Keys that a multimodal config may have beside `text_config` instead of in it."""


OF_GGUF = ("norm_weight_offset", "rope_factors_key", "partial_rotary")
"""Keys that `gguf/` adds to configs."""


def open_directory(directory: Path) -> Checkpoint:
    """The model in a Hugging Face directory. Raises RlxcError."""
    whole = read_object(directory / CONFIG)
    config = without_own_keys(text_config(whole, directory / CONFIG))
    generation = directory / GENERATION
    stored = open_tensors(directory)
    names = text_tensors(stored.keys(), str(config.get("model_type")), str(stored))
    return Checkpoint(
        path=directory,
        config=config,
        weights=unstacked(RenamedWeights(stored, names)),
        generation=read_object(generation) if generation.exists() else {},
        tokenizer_source=directory,
    )


def without_own_keys(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """A config without the keys that stand for what only GGUF files have: to transformers they mean nothing."""
    return {key: value for key, value in config.items() if key not in OF_GGUF}


def text_config(config: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """The config of the text model: the whole, or `text_config` of a multimodal one."""
    if "text_config" not in config:
        return config
    nested = config["text_config"]
    if not isinstance(nested, dict):
        raise RlxcError(f"cannot read '{path}': 'text_config' is a {type(nested).__name__}, expected an object")
    inherited = {key: config[key] for key in SHARED if key in config}
    return inherited | text_type(config) | cast("dict[str, Any]", nested)


def text_type(config: Mapping[str, Any]) -> dict[str, Any]:
    """The `model_type` of a text config that does not give it: of `gemma3` it is `gemma3_text`."""
    return {"model_type": f"{config['model_type']}_text"} if "model_type" in config else {}


def open_tensors(directory: Path) -> WeightSource:
    """The tensors of a directory, from one file or from shards."""
    if (directory / WEIGHTS).exists():
        require_regular(directory / WEIGHTS)
        return open_weights(directory / WEIGHTS)
    if (directory / INDEX).exists():
        return ShardedWeights(directory / INDEX)
    others = sorted(path.name for path in directory.iterdir() if path.suffix in (".bin", ".pt", ".pth", ".safetensors"))
    found = f", only {', '.join(others[:3])}" if others else ""
    raise RlxcError(
        f"the model '{directory}' has no weights: there is neither {WEIGHTS} nor {INDEX}{found}",
        hint="save the model again with transformers: save_pretrained writes safetensors files",
    )
