"""Checkpoints that hold other tensors than the model needs."""

from __future__ import annotations

import numpy as np
import pytest

from rlxc import RlxcError
from rlxc.models.checkpoint.expected_tensors import check_tensors
from rlxc.weights import MappingWeights

EXPECTED = ["model.embed_tokens.weight", *(f"model.layers.{n}.mlp.up_proj.weight" for n in range(20))]


def check(*names: str) -> None:
    weights = MappingWeights({name: np.zeros(1, np.float32) for name in names}, "'a.gguf'")
    check_tensors(weights, EXPECTED, optional={"lm_head.weight"})


def test_the_same() -> None:
    check(*EXPECTED)
    check(*EXPECTED, "lm_head.weight", "model.layers.0.self_attn.rotary_emb.inv_freq", "pooler.dense.weight")
    check(*EXPECTED, "lm_head.weight", "cls.predictions.bias", "qa_outputs.weight", "classifier.bias")


def test_another_name() -> None:
    with pytest.raises(RlxcError) as caught:
        check(*EXPECTED[:-1], "model.layers.19.mlp.w3.weight")
    assert caught.value.message == (
        "the tensors of 'a.gguf' are not those of the model that its config describes: "
        "missing 'model.layers.19.mlp.up_proj.weight' (like 'model.layers.19.mlp.w3.weight'); "
        "unexpected 'model.layers.19.mlp.w3.weight' (like 'model.layers.19.mlp.up_proj.weight')"
    )


def test_more_than_the_model_needs() -> None:
    with pytest.raises(RlxcError, match=r"describes: unexpected 'model\.layers\.3\.mlp\.up_proj\.bias' \(like"):
        check(*EXPECTED, "model.layers.3.mlp.up_proj.bias")


def test_most_are_missing() -> None:
    with pytest.raises(RlxcError, match=r"missing 'model\.layers\.0.*' and 12 more"):
        check("model.embed_tokens.weight")
