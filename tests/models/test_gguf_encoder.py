"""A BERT in a GGUF file, written the way llama.cpp's converter does, is the model that it was made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gguf_files import save_gguf
from rlxc import load_model
from rlxc.weights.gguf_architectures import ARCHITECTURES
from rlxc.weights.safetensors_file import SafetensorsFile
from tiny_encoders import BERT, TOKENS, tiny_encoder

__all__ = ["tiny_encoder"]

SIZES = {
    ".block_count": 3,
    ".context_length": 20,
    ".embedding_length": 24,
    ".feed_forward_length": 40,
    ".attention.head_count": 3,
    ".attention.layer_norm_epsilon": 1e-5,
    ".attention.causal": False,
    ".pooling_type": 2,
}
WORDS = {
    "model": "bert",
    "tokens": [token.removeprefix("##") if token.startswith(("#", "[")) else f"\u2581{token}" for token in TOKENS],
    "token_type": [3] * 4 + [1] * (len(TOKENS) - 4),
    "token_type_count": 2,
    "unknown_token_id": 1,
    "padding_token_id": 0,
    "cls_token_id": 2,
    "seperator_token_id": 3,
}


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    """The file."""
    names, source = ARCHITECTURES["bert"], SafetensorsFile(BERT / "model.safetensors")
    modules = {f"{key}.": f"{name}." for name, key in names.whole.items()}
    for layer in range(3):
        modules |= {f"encoder.layer.{layer}.{key}.": f"blk.{layer}.{name}." for name, key in names.layer.items()}
    tensors = {
        modules[key[: key.rindex(".") + 1]] + key[key.rindex(".") + 1 :]: source.get(key).astype(np.float32)
        for key in source.keys()
        if not key.startswith("pooler")
    }
    metadata: dict[str, Any] = SIZES | {f"tokenizer.ggml.{key}": value for key, value in WORDS.items()}
    return save_gguf(tmp_path / "bert.gguf", "bert", metadata, tensors)


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_states_and_texts(gguf: Path, tiny_encoder: Path, target: Any) -> None:
    file, directory = load_model(gguf, target), load_model(tiny_encoder, target)
    np.testing.assert_array_equal(file.embed([[2, 5, 9, 3]]), directory.embed([[2, 5, 9, 3]]))
    texts = ["Hello", "a", "wor?d"]
    assert [file.tokenizer.encode(text) for text in texts] == [directory.tokenizer.encode(text) for text in texts]
    np.testing.assert_array_equal(file.embed_texts(texts), directory.embed_texts(texts, pooling="cls"))
