"""What configs say of encoders, and what is refused by its name."""

from __future__ import annotations

from typing import Any

import pytest

from rlxc import RlxcError
from rlxc.models.config import EncoderConfig, MlpConfig, read_config, read_encoder

SIZES = {"vocab_size": 100, "hidden_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
BERT: dict[str, Any] = {"model_type": "bert", "intermediate_size": 80, **SIZES}


def test_defaults() -> None:
    """A config of the year 2019 says little."""
    config = read_config(BERT)
    mlp = MlpConfig(80, "gelu", gated=False, bias=True)
    assert config == EncoderConfig("bert", 100, 48, 2, 4, mlp, 512, 2, 1e-12, pad_id=0)
    assert read_encoder(BERT).head_dim == 12


@pytest.mark.parametrize(
    ("name", "meaning"),
    [("gelu", "gelu"), ("gelu_new", "gelu_tanh"), ("gelu_pytorch_tanh", "gelu_tanh"), ("relu", "relu")],
)
def test_nonlinearities(name: str, meaning: str) -> None:
    config = read_config({**BERT, "hidden_act": name})
    assert isinstance(config, EncoderConfig)
    assert config.mlp.activation == meaning


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"position_embedding_type": "relative_key"},
            "'position_embedding_type' is 'relative_key': such models are not",
        ),
        ({"is_decoder": True}, "'is_decoder' is True: such models are not supported"),
        ({"add_cross_attention": True}, "'add_cross_attention' is True: such models are not supported"),
        ({"hidden_act": "gelu_mew"}, "'hidden_act' is 'gelu_mew', expected one of .*did you mean 'gelu_new'"),
        ({"num_attention_heads": 5}, "'num_attention_heads' is 5, expected a divisor of hidden_size = 48"),
        ({"type_vocab_size": 0}, "'type_vocab_size' is 0, expected a whole number from 1"),
        ({"layer_norm_eps": float("nan")}, "'layer_norm_eps' is nan, expected a finite number"),
        ({"max_position_embeddings": "512"}, "'max_position_embeddings' is '512', expected a whole number"),
        ({"intermediate_size": None}, "the config has no 'intermediate_size'"),
    ],
)
def test_error_names_the_key(change: dict[str, Any], message: str) -> None:
    with pytest.raises(RlxcError, match=message):
        read_config({**BERT, **change})


def test_encoders_are_among_the_known_models() -> None:
    with pytest.raises(RlxcError, match=r"unknown model type 'brt' \(did you mean 'bert'\?\)") as caught:
        read_config({**BERT, "model_type": "brt"})
    assert caught.value.hint is not None
    assert "bert" in caught.value.hint
