"""How checkpoints say which vector stands for a text, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gguf_files import save_gguf
from rlxc import RlxcError
from rlxc.models.checkpoint import open_checkpoint
from rlxc.models.checkpoint.text_vectors import TextVectors, text_vectors
from tiny_encoders import add_modules, tiny_encoder

__all__ = ["tiny_encoder"]


def test_the_mean_if_nothing_is_said(tiny_encoder: Path) -> None:
    checkpoint = open_checkpoint(tiny_encoder)
    assert text_vectors(checkpoint) == TextVectors("mean", normalize=False)


@pytest.mark.parametrize(
    ("key", "name"), [("cls_token", "cls"), ("mean_tokens", "mean"), ("max_tokens", "max"), ("lasttoken", "last")]
)
def test_poolings(tiny_encoder: Path, key: str, name: str) -> None:
    modes = dict.fromkeys(("pooling_mode_cls_token", "pooling_mode_weightedmean_tokens"), False)
    add_modules(tiny_encoder, {"Pooling": {"word_embedding_dimension": 24, **modes, f"pooling_mode_{key}": True}})
    assert text_vectors(open_checkpoint(tiny_encoder)).pooling == name


@pytest.mark.parametrize(("value", "name"), [("cls", "cls"), ("mean", "mean"), ("max", "max"), ("lasttoken", "last")])
def test_poolings_by_name(tiny_encoder: Path, value: str, name: str) -> None:
    add_modules(tiny_encoder, {"Pooling": {"embedding_dimension": 24, "pooling_mode": value}})
    assert text_vectors(open_checkpoint(tiny_encoder)).pooling == name


WRONG: dict[str, tuple[Mapping[str, Mapping[str, Any]], str]] = {
    "two poolings": (
        {"Pooling": {"pooling_mode_cls_token": True, "pooling_mode_max_tokens": True}},
        "asks for pooling_mode_cls_token, pooling_mode_max_tokens, expected one of",
    ),
    "a pooling that is not there": (
        {"Pooling": {"pooling_mode_weightedmean_tokens": True}},
        "asks for pooling_mode_weightedmean_tokens",
    ),
    "a name that is not there": (
        {"Pooling": {"pooling_mode": "weightedmean"}},
        "asks for pooling 'weightedmean', expected one of cls, mean, max, lasttoken",
    ),
    "two names": ({"Pooling": {"pooling_mode": ["cls", "mean"]}}, r"asks for pooling \['cls', 'mean'\], expected one"),
    "no pooling": ({"Pooling": {}}, "asks for no pooling"),
    "another module": ({"Dense": {"out_features": 8}}, "modules of type 'Dense' are not supported"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_supported(tiny_encoder: Path, case: str) -> None:
    modules, message = WRONG[case]
    add_modules(tiny_encoder, modules)
    with pytest.raises(RlxcError, match=message):
        text_vectors(open_checkpoint(tiny_encoder))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "it is not a list of objects"),
        (["Pooling"], "it is not a list of objects"),
        ([{"type": "m.Pooling", "path": "../other"}], r"the path of a module is '\.\./other'"),
        ([{"type": "m.Pooling", "path": "/etc"}], "the path of a module is '/etc'"),
        ([{"type": "m.Pooling", "path": "1_Pooling"}], "1_Pooling/config.json': there is no such file"),
    ],
)
def test_damaged_modules(tiny_encoder: Path, content: object, message: str) -> None:
    (tiny_encoder / "modules.json").write_text(json.dumps(content))
    with pytest.raises(RlxcError, match=message):
        text_vectors(open_checkpoint(tiny_encoder))


def test_what_is_given_is_not_read(tiny_encoder: Path) -> None:
    add_modules(tiny_encoder, {"Dense": {"out_features": 8}, "Normalize": {}})
    checkpoint = open_checkpoint(tiny_encoder)
    assert text_vectors(checkpoint, "max") == TextVectors("max", normalize=True)
    (tiny_encoder / "modules.json").write_text("damaged")
    assert text_vectors(checkpoint, "max", normalize=False) == TextVectors("max", normalize=False)


def gguf_file(directory: Path, pooling: Mapping[str, Any]) -> Path:
    """A BERT of zeros."""
    sizes: dict[str, Any] = {".embedding_length": 8, ".block_count": 1, ".context_length": 4, ".feed_forward_length": 8}
    attention = {".attention.head_count": 2, ".attention.layer_norm_epsilon": 1e-12}
    names = ("token_embd.weight", "position_embd.weight", "token_types.weight")
    tensors = {name: np.zeros((4, 8), np.float32) for name in names}
    return save_gguf(directory / "a.gguf", "bert", {**sizes, **attention, **pooling}, tensors)


@pytest.mark.parametrize(("number", "name"), [(None, "mean"), (1, "mean"), (2, "cls"), (3, "last")])
def test_pooling_of_gguf_files(tmp_path: Path, number: int | None, name: str) -> None:
    path = gguf_file(tmp_path, {} if number is None else {".pooling_type": number})
    assert text_vectors(open_checkpoint(path)).pooling == name


@pytest.mark.parametrize("number", [0, 4])
def test_gguf_files_that_make_no_vectors(tmp_path: Path, number: int) -> None:
    checkpoint = open_checkpoint(gguf_file(tmp_path, {".pooling_type": number}))
    expected = rf"a.gguf' has pooling_type {number}, expected one of 1 \(mean\), 2 \(cls\), 3 \(last\)"
    with pytest.raises(RlxcError, match=expected):
        text_vectors(checkpoint)
    assert text_vectors(checkpoint, "mean").pooling == "mean"
