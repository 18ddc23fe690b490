"""A tiny BERT against transformers: whole texts, texts of two lengths, types of tokens."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import numpy as np
import pytest

from reference_models import MODELS, loaded
from rlxc import Model, RlxcError

TARGETS = ("numpy", "native")


@pytest.mark.parametrize("target", TARGETS)
def test_hidden_states(target: str) -> None:
    tolerance = json.loads((MODELS / "bert" / "reference.json").read_text())["tolerance_f32"]
    with np.load(MODELS / "bert" / "reference.npz") as expected:
        states = loaded("bert", target).embed(expected["input_ids"])
        assert states.dtype == np.float32
        assert np.max(np.abs(states - expected["logits64"])) <= tolerance


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
