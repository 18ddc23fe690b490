"""One layer of each family, by its recipe and on its cache, against Hugging Face transformers."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rlxc.models.config import DecoderConfig, read_decoder
from rlxc.models.recipes import RECIPES
from rlxc.runtime.generation import Session
from rlxc.runtime.generation.programs import DecoderPrograms
from rlxc.weights import MappingWeights

Array = NDArray[Any]

LAYERS = Path(__file__).parents[2] / "data" / "layers"
NAMES = (
    "llama_tiny",
    "mistral_tiny_sliding",
    "qwen2_tiny",
    "qwen3_tiny",
    "gemma2_tiny_sliding",
    "gemma3_tiny_full",
    "gemma4_tiny_dense_full_keqv",
    "phi3_tiny",
    "gptneox_tiny",
)


@cache
def about(name: str) -> dict[str, Any]:
    return json.loads((LAYERS / f"{name}.json").read_text())


@cache
def arrays(name: str) -> dict[str, Array]:
    with np.load(LAYERS / f"{name}.npz") as archive:
        return dict(archive)


def config_of(name: str) -> DecoderConfig:
    """A model of the one layer, whose embedding is not scaled."""
    config = read_decoder(about(name)["config"])
    return replace(config, layers=(config.layers[about(name)["layer_index"]],), embedding_scale=1.0)


def weights_of(name: str, config: DecoderConfig) -> dict[str, Array]:
    """The weights of the layer, and embeddings by which token `i` is the input at position `i`."""
    body, embedding = ("gpt_neox", "embed_in") if config.model_type == "gpt_neox" else ("model", "embed_tokens")
    found = arrays(name)
    hidden = np.concatenate([found["in/hidden"][0], found["dec/hidden"][0]])
    layer = {f"{body}.layers.0.{key[2:]}": value for key, value in found.items() if key.startswith("w/")}
    return {**layer, f"{body}.{embedding}.weight": hidden.astype(np.float32)}


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("name", NAMES)
def test_layer(name: str, target: Any) -> None:
    config, expected, tolerance = config_of(name), arrays(name), about(name)["tolerance_f32"]
    weights = RECIPES[config.model_type].weights(config, MappingWeights(weights_of(name, config)))
    programs = DecoderPrograms(config, weights, 64, target, None)
    session = Session(programs, batch=1)
    count = int(expected["in/hidden"].shape[1])
    prompt = session.read(np.arange(count, dtype=np.int64)[None])
    assert np.max(np.abs(prompt - expected["out64/hidden"])) <= tolerance
    following = session.read(np.array([[count]]))
    assert np.max(np.abs(following - expected["dec64/out"])) <= tolerance
