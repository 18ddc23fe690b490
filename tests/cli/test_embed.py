"""`rlxc embed` with a tiny BERT."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rlxc import load_model
from tiny_encoders import TOKENS, add_modules, tiny_encoder

__all__ = ["tiny_encoder"]

Rlxc = Callable[..., tuple[int, str, str]]
NUMPY = ("--target", "numpy")


def ids(text: str) -> list[int]:
    """What the tokenizer makes of one word."""
    return [2, TOKENS.index(text[0]), *(TOKENS.index(f"##{letter}") for letter in text[1:]), 3]


def test_mean_by_default(rlxc: Rlxc, tiny_encoder: Path):
    code, text, said = rlxc("embed", tiny_encoder, "Hello", "a", *NUMPY)
    assert (code, said) == (0, "")
    model = load_model(tiny_encoder, "numpy")
    expected = [model.embed([ids(word)], pooling="mean")[0] for word in ("hello", "a")]
    np.testing.assert_allclose(json.loads(text), expected, rtol=0, atol=1e-5)


def test_as_the_checkpoint_says(rlxc: Rlxc, tiny_encoder: Path):
    pooling = {"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}
    add_modules(tiny_encoder, {"Pooling": pooling, "Normalize": {}})
    _, text, _ = rlxc("embed", tiny_encoder, "hello", *NUMPY)
    expected = load_model(tiny_encoder, "numpy").embed([ids("hello")], pooling="cls", normalize=True)
    assert json.loads(text) == pytest.approx(expected, abs=1e-6)
    _, text, _ = rlxc("embed", tiny_encoder, "hello", *NUMPY, "--pooling", "last", "--no-normalize")
    expected = load_model(tiny_encoder, "numpy").embed([ids("hello")], pooling="last")
    assert json.loads(text) == pytest.approx(expected, abs=1e-6)


def test_prompt(rlxc: Rlxc, tiny_encoder: Path):
    _, text, _ = rlxc("embed", tiny_encoder, "a", *NUMPY, "--prompt", "q ")
    expected = load_model(tiny_encoder, "numpy").embed_texts(["q a"])
    assert json.loads(text) == pytest.approx(expected, abs=1e-6)


def test_lines_of_standard_input_to_a_file(rlxc: Rlxc, tiny_encoder: Path, tmp_path: Path):
    output = tmp_path / "vectors.npy"
    assert rlxc("embed", tiny_encoder, "-", *NUMPY, "-o", output, stdin="a\nhello\na\n") == (0, "", "")
    vectors = np.load(output)
    assert (vectors.shape, vectors.dtype) == ((3, 24), np.float32)
    np.testing.assert_array_equal(vectors[0], vectors[2])


LONG = "abcdefghijklmnopqrstuvwxyz"


def test_long_texts(rlxc: Rlxc, tiny_encoder: Path):
    code, text, said = rlxc("embed", tiny_encoder, "a", LONG, *NUMPY)
    assert (code, text) == (1, "")
    assert "text 2 of 2 has 28 tokens, more than the 20 that the model reads" in said
    _, text, _ = rlxc("embed", tiny_encoder, LONG, *NUMPY, "--truncate")
    expected = load_model(tiny_encoder, "numpy").embed([ids(LONG[:18])], pooling="mean")
    assert json.loads(text) == pytest.approx(expected, abs=1e-6)
    (tiny_encoder / "sentence_bert_config.json").write_text('{"max_seq_length": 12}')
    assert "more than the 12 that the model reads" in rlxc("embed", tiny_encoder, LONG, *NUMPY)[2]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("a", "-o", "vectors.txt"), 2, "cannot write 'vectors.txt': the name must end in .npy"),
        (("-",), 1, "there are no texts"),
        (("-", "hi"), 2, "'-' stands among other texts"),
        (("hi", "-", "-"), 2, "'-' stands among other texts"),
        (("a", "--pooling", "men"), 2, "invalid choice: 'men'"),
        (("a", "--max-context", "30"), 1, "max_context is 30, but the model has 20 positions"),
    ],
)
def test_errors(rlxc: Rlxc, tiny_encoder: Path, arguments: tuple[str, ...], code: int, message: str):
    found, text, said = rlxc("embed", tiny_encoder, *arguments, *NUMPY)
    assert (found, text) == (code, "")
    assert message in said
    assert "Traceback" not in said


def test_vectors_of_a_decoder(rlxc: Rlxc, tiny_model: Path):
    code, text, _ = rlxc("embed", tiny_model, "Hello", "Hi", *NUMPY, "--pooling", "last")
    model = load_model(tiny_model, "numpy")
    expected = [model.embed([model.tokenizer.encode(word)], pooling="last")[0] for word in ("Hello", "Hi")]
    assert code == 0
    np.testing.assert_allclose(json.loads(text), expected, rtol=0, atol=1e-5)


def test_an_encoder_answers_nothing(rlxc: Rlxc, tiny_encoder: Path):
    """That is said first: there is no tokenizer either."""
    (tiny_encoder / "vocab.txt").unlink()
    for arguments in (("generate", tiny_encoder, "hello"), ("chat", tiny_encoder)):
        code, text, said = rlxc(*arguments, *NUMPY, stdin="hello\n")
        assert (code, text) == (1, "")
        assert "the model is an encoder (bert): it gives hidden states, and no logits" in said
