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
from rlxc.models.checkpoint.text_vectors import TextVectors, most_tokens, text_vectors
from tiny_encoders import add_modules, tiny_encoder

__all__ = ["tiny_encoder"]


def test_the_mean_if_nothing_is_said(tiny_encoder: Path) -> None:
    checkpoint = open_checkpoint(tiny_encoder)
    assert text_vectors(checkpoint) == TextVectors("mean", normalize=False)
    assert most_tokens(checkpoint) is None


@pytest.mark.parametrize(
    ("key", "name"), [("cls_token", "cls"), ("mean_tokens", "mean"), ("max_tokens", "max"), ("lasttoken", "last")]
)
def test_poolings(tiny_encoder: Path, key: str, name: str) -> None:
    modes = dict.fromkeys(("pooling_mode_cls_token", "pooling_mode_weightedmean_tokens"), False)
    add_modules(tiny_encoder, {"Pooling": {"word_embedding_dimension": 24, **modes, f"pooling_mode_{key}": True}})
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


@pytest.mark.parametrize(("number", "name"), [(0, "mean"), (1, "mean"), (2, "cls"), (3, "last")])
def test_pooling_of_gguf_files(tmp_path: Path, number: int, name: str) -> None:
    sizes = {".embedding_length": 8, ".block_count": 1, ".context_length": 4, ".feed_forward_length": 8}
    attention = {".attention.head_count": 2, ".attention.layer_norm_epsilon": 1e-12, ".pooling_type": number}
    names = ("token_embd.weight", "position_embd.weight", "token_types.weight")
    tensors = {name: np.zeros((4, 8), np.float32) for name in names}
    path = save_gguf(tmp_path / "a.gguf", "bert", sizes | attention, tensors)
    assert text_vectors(open_checkpoint(path)).pooling == name
