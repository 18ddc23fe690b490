"""Tiny models of BERT against transformers: whole texts, texts of two lengths, types of tokens.

`bench/references/make_encoders.py` makes those of `data/encoders`: three nonlinearities, and checkpoints with heads.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference_models import MODELS, loaded
from rlxc import Model, RlxcError, load_model

Array = NDArray[Any]

ENCODERS = Path(__file__).parents[1] / "data" / "encoders"
NAMES = sorted(path.name for path in ENCODERS.iterdir())
TARGETS = ("numpy", "native")


@cache
def encoder(name: str, target: Any) -> Model:
    return load_model(ENCODERS / name, target)


@cache
def reference(name: str) -> dict[str, Array]:
    with np.load(ENCODERS / name / "reference.npz") as found:
        return dict(found)


@pytest.mark.parametrize("target", TARGETS)
def test_hidden_states(target: str) -> None:
    tolerance = json.loads((MODELS / "bert" / "reference.json").read_text())["tolerance_f32"]
    with np.load(MODELS / "bert" / "reference.npz") as expected:
        states = loaded("bert", target).embed(expected["input_ids"])
        assert states.dtype == np.float32
        assert np.max(np.abs(states - expected["logits64"])) <= tolerance


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", NAMES)
def test_padded_batch_with_types(name: str, target: str) -> None:
    """The second text is shorter; what stands in its padding is compared too."""
    expected = reference(name)
    ids, mask, types = (expected[key] for key in ("input_ids", "attention_mask", "token_type_ids"))
    states = encoder(name, target).embed(ids, mask, types)
    assert np.max(np.abs(states - expected["states64"])) <= expected["tolerance"]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", NAMES)
def test_padding_changes_nothing(name: str, target: str) -> None:
    """A text alone is what it is in a batch."""
    expected = reference(name)
    model, length = encoder(name, target), int(expected["attention_mask"][1].sum())
    ids, types = (expected[key][1:, :length] for key in ("input_ids", "token_type_ids"))
    states = model.embed(ids, token_type_ids=types)
    assert np.max(np.abs(states - expected["states64"][1:, :length])) <= expected["tolerance"]


@pytest.mark.parametrize("target", TARGETS)
def test_one_token(target: str) -> None:
    """A token that sees only itself is what it is alone; one that sees another is not."""
    model = encoder("bert_pooler", target)
    alone, padded = model.embed([[5]]), model.embed([[5, 9], [5, 9]], [[1, 0], [1, 1]])
    assert alone.shape == (1, 1, 24)
    np.testing.assert_allclose(alone[0, 0], padded[0, 0], rtol=0, atol=1e-5)
    assert np.max(np.abs(padded[0, 0] - padded[1, 0])) > 0.01


UNUSED = {
    "bert_pooler": "not used: pooler.dense.bias, pooler.dense.weight",
    "bert_classifier": "not used: classifier.bias, classifier.weight, pooler.dense.bias, pooler.dense.weight",
    "bert_masked_lm": "not used: cls.predictions.bias, cls.predictions.transform.LayerNorm.bias",
}


@pytest.mark.parametrize("name", NAMES)
def test_heads_of_other_tasks_are_reported(name: str) -> None:
    assert UNUSED[name] in encoder(name, "numpy").inspect()


CALLS: Mapping[str, Callable[[Model], object]] = {
    "logits": lambda model: model.logits([[1]]),
    "generate": lambda model: model.generate([[1]], 2),
    "stream": lambda model: model.stream([[1]], 2),
    "perplexity": lambda model: model.perplexity([1, 2]),
    "session": lambda model: model.session(),
    "room": lambda model: model.room(1, None, 2),
}


@pytest.mark.parametrize("name", CALLS)
def test_an_encoder_gives_no_text(name: str) -> None:
    with pytest.raises(RlxcError, match=r"the model is an encoder \(bert\): it gives hidden states, and no logits"):
        CALLS[name](loaded("bert", "numpy"))


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"input_ids": [[1.5]]}, "input_ids must be whole numbers"),
    ({"input_ids": [[64]]}, "token id 64 is not in the vocabulary of 64"),
    ({"input_ids": [[1] * 21]}, "the text has 21 tokens, more than the 20 that the model reads"),
    ({"input_ids": [[1, 2]], "attention_mask": [[1]]}, r"attention_mask has shape \[1, 1\], but input_ids \[1, 2\]"),
    ({"input_ids": [[1, 2], [3]]}, r"input_ids must be an array \[batch, tokens\], but its rows differ in length"),
    ({"input_ids": [[1, 2]], "attention_mask": [["1", "0"]]}, "attention_mask must be numbers, .* got <U1"),
    ({"input_ids": [[1, 2]], "attention_mask": [[1, np.nan]]}, "attention_mask must be finite numbers"),
    ({"input_ids": [[1, 2], [3, 4]], "token_type_ids": [[0], [0, 0]]}, "token_type_ids must be an array"),
    ({"input_ids": [[1], [2]], "attention_mask": [[1], [0]]}, "attention_mask hides all tokens of a text"),
    ({"input_ids": [[1]], "token_type_ids": [[2]]}, "token type 2 is none of the 2 types"),
    ({"input_ids": [[1]], "token_type_ids": [[0.0]]}, "token_type_ids must be whole numbers, got float64"),
    ({"input_ids": [[1]], "pooling": "men"}, "pooling must be one of mean, max, cls, last, got 'men' .*'mean'"),
    ({"input_ids": [[1]], "pooling": ["mean"]}, r"pooling must be one of mean, max, cls, last, got \['mean'\]"),
]


@pytest.mark.parametrize(("call", "message"), WRONG)
def test_input_that_does_not_fit(call: dict[str, Any], message: str) -> None:
    with pytest.raises(RlxcError, match=message):
        encoder("bert_pooler", "numpy").embed(**call)


def test_tables_of_other_sizes(tmp_path: Path) -> None:
    shutil.copytree(ENCODERS / "bert_pooler", tmp_path / "model")
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    (tmp_path / "model" / "config.json").write_text(json.dumps(config | {"max_position_embeddings": 512}))
    with pytest.raises(RlxcError, match=r"'embeddings.position_embeddings.weight' .* has 20 rows, .* config says 512"):
        load_model(tmp_path / "model", "numpy")


def test_more_context_than_positions() -> None:
    with pytest.raises(RlxcError, match="max_context is 21, but the model has 20 positions"):
        load_model(ENCODERS / "bert_pooler", "numpy", max_context=21)
