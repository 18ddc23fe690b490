"""Vectors of texts: poolings by their formulas, decoders, and how checkpoints say what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference_models import MODELS, loaded
from rlxc import RlxcError, load_model
from rlxc.models.checkpoint import open_checkpoint
from rlxc.models.checkpoint.text_reading import PROMPTS
from rlxc.runtime.generation.pooling import pooled
from tiny_encoders import add_modules, tiny_encoder

__all__ = ["tiny_encoder"]

Array = NDArray[Any]

HIDDEN = np.array([[[1, 2], [3, -4], [9, 9]], [[9, 9], [5, 0], [0, 12]]], np.float32)
MASK = np.array([[True, True, False], [False, True, True]])
POOLED = {
    "mean": [[2, -1], [2.5, 6]],
    "max": [[3, 2], [5, 12]],
    "cls": [[1, 2], [5, 0]],
    "last": [[3, -4], [0, 12]],
}


@pytest.mark.parametrize("name", POOLED)
def test_pooling(name: str) -> None:
    assert pooled(HIDDEN, MASK, name, normalize=False).tolist() == POOLED[name]


def test_pooling_of_all_tokens() -> None:
    assert pooled(HIDDEN, None, "last", normalize=False).tolist() == [[9, 9], [0, 12]]


def test_normalized_vectors() -> None:
    vectors = pooled(HIDDEN, MASK, "last", normalize=True)
    np.testing.assert_allclose(vectors, [[0.6, -0.8], [0, 1]], rtol=1e-6)
    assert pooled(np.zeros((1, 1, 2), np.float32), None, "mean", normalize=True).tolist() == [[0, 0]]


def test_hidden_tokens_of_any_value_are_left_out() -> None:
    hidden = np.where(MASK[:, :, None], HIDDEN, np.nan)
    assert pooled(hidden, MASK, "mean", normalize=False).tolist() == POOLED["mean"]
    assert pooled(hidden, MASK, "max", normalize=False).tolist() == POOLED["max"]


HEADS = {"llama_tiny": "lm_head.weight", "gptneox": "embed_out.weight"}


@pytest.mark.parametrize("name", HEADS)
def test_states_of_a_decoder_make_its_logits(name: str) -> None:
    """The head of both models is a matrix without a bias."""
    model = loaded(name, "numpy")
    states, logits = model.embed([[5, 7, 9]]), model.logits([[5, 7, 9]])
    head = open_checkpoint(MODELS / name).weights.get(HEADS[name])
    np.testing.assert_allclose(states @ head.T, logits, rtol=0, atol=1e-5 * np.abs(logits).max())


def test_padded_texts_of_a_decoder() -> None:
    model = loaded("llama_tiny", "numpy")
    both = model.embed([[0, 5, 7], [5, 7, 9]], [[0, 1, 1], [1, 1, 1]], pooling="last")
    alone = np.concatenate([model.embed([ids], pooling="last") for ids in ([5, 7], [5, 7, 9])])
    np.testing.assert_allclose(both, alone, rtol=0, atol=1e-5)


def test_decoders_have_no_types_of_tokens() -> None:
    with pytest.raises(RlxcError, match="token_type_ids are for encoders, and llama is none"):
        loaded("llama_tiny", "numpy").embed([[1]], token_type_ids=[[0]])


TEXTS: list[tuple[Any, str]] = [
    ("hello", "the texts are a str, expected a list"),
    (None, "the texts are a NoneType, expected a list"),
    (["a", None], "text 2 of 2 is a NoneType, expected a str"),
    (["\ud800"], r"text 1 of 1 is no Unicode text: '\\ud800' at 0 is half a character"),
]


@pytest.mark.parametrize(("texts", "message"), TEXTS)
def test_texts_that_are_none(tiny_encoder: Path, texts: Any, message: str) -> None:
    with pytest.raises(RlxcError, match=message):
        load_model(tiny_encoder, "numpy").embed_texts(texts)


def test_an_empty_text(tiny_encoder: Path) -> None:
    """An encoder reads the tokens around it; a decoder reads nothing."""
    model = load_model(tiny_encoder, "numpy")
    np.testing.assert_allclose(model.embed_texts([""]), model.embed([[2, 3]], pooling="mean"), rtol=0, atol=1e-6)


def test_default_prompt(tiny_encoder: Path) -> None:
    (tiny_encoder / PROMPTS).write_text(json.dumps({"prompts": {"query": "q "}, "default_prompt_name": "query"}))
    model = load_model(tiny_encoder, "numpy")
    np.testing.assert_array_equal(model.embed_texts(["a"]), model.embed_texts(["q a"], prompt=""))
    assert np.abs(model.embed_texts(["a"]) - model.embed_texts(["a"], prompt="")).max() > 0.01


def test_prompt_that_is_not_pooled(tiny_encoder: Path) -> None:
    add_modules(tiny_encoder, {"Pooling": {"pooling_mode_mean_tokens": True, "include_prompt": False}})
    model = load_model(tiny_encoder, "numpy")
    assert model.text_vectors.pooling == "mean"
    with pytest.raises(RlxcError, match="asks to leave the prompt out of the pooling, which is not supported"):
        model.embed_texts(["a"], prompt="q ")
    np.testing.assert_array_equal(model.embed_texts(["a"], "mean", prompt="q "), model.embed_texts(["q a"]))


def test_the_pooling_is_enough_if_the_checkpoint_asks_for_another_module(tiny_encoder: Path) -> None:
    add_modules(tiny_encoder, {"Dense": {"out_features": 8}})
    model = load_model(tiny_encoder, "numpy")
    with pytest.raises(RlxcError, match="modules of type 'Dense' are not supported"):
        model.embed_texts(["a"])
    assert model.embed_texts(["a"], "mean").shape == (1, 24)
