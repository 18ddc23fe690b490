"""Tokenizers from the metadata of GGUF files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rlxc import RlxcError
from rlxc.models.checkpoint import open_checkpoint
from rlxc.models.tokenizer import Tokenizer, load_tokenizer
from rlxc.models.tokenizer.gguf import tokenizer_of
from rlxc.models.tokenizer.pre_tokenizers import NAMES, pre_tokenizer

NORMAL, UNKNOWN, CONTROL, USER, BYTE = 1, 2, 3, 4, 6
BYTES = [f"<0x{value:02X}>" for value in range(256)]


def tokenizer(**metadata: Any) -> Tokenizer:
    values = {f"tokenizer.ggml.{key}": value for key, value in metadata.items()}
    return tokenizer_of(Path("a.gguf"), values, frozenset())


def pieces(words: dict[str, float]) -> dict[str, Any]:
    """A SentencePiece vocabulary: words with scores, and bytes."""
    tokens = ["<unk>", "<s>", "</s>", *BYTES, *words]
    types = [UNKNOWN, CONTROL, CONTROL, *[BYTE] * 256, *[NORMAL] * len(words)]
    scores = [*[0.0] * 259, *words.values()]
    ids = {"unknown_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    return {"tokens": tokens, "token_type": np.array(types), "scores": np.array(scores), **ids}


WORDS = {"\u2581": -9.0, "a": -9.0, "b": -9.0, "c": -9.0, "ab": -2.0, "bc": -1.0, "\u2581a": -3.0, "\u2581ab": -4.0}


def texts(found: Tokenizer, text: str) -> list[str | None]:
    return [found.vocabulary.id_to_token(token) for token in found.encode(text)]


def test_smollm2(smollm2: Path) -> None:
    """The ids that transformers has for two prompts, and text of all kinds there and back."""
    found = load_tokenizer(open_checkpoint(smollm2))
    assert found.encode("The capital of France is") == [504, 3575, 282, 4649, 314]
    assert found.encode("Once upon a time, there was a little") == [6403, 1980, 253, 655, 28, 665, 436, 253, 1838]
    text = "h\u00e9llo \U0001f600 w\u00f6rld \u65e5\u672c\u8a9e 12345\n\n  x"
    assert found.decode(found.encode(text)) == text
    assert "".join(found.stream(found.encode(text))) == text
    assert (found.stop_ids, found.bos_id) == ({2}, 1)


def test_smollm2_chat(smollm2: Path) -> None:
    found = load_tokenizer(open_checkpoint(smollm2))
    text = found.render_chat([{"role": "user", "content": "Hi"}])
    assert text.endswith("<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")
    ids = found.encode_chat([{"role": "user", "content": "Hi"}])
    assert ids.count(1) == 3
    assert found.decode(ids, special=True) == text
    assert "<|im_start|>" not in found.decode(ids)


def test_sentence_piece_merges_by_score() -> None:
    found = tokenizer(model="llama", **pieces(WORDS))
    assert texts(found, "abc") == ["<s>", "\u2581a", "bc"]
    assert texts(found, "ab") == ["<s>", "\u2581ab"]
    assert found.decode(found.encode("abc ab")) == "abc ab"


def test_sentence_piece_without_prefix() -> None:
    found = tokenizer(model="llama", add_space_prefix=False, add_bos_token=False, add_eos_token=True, **pieces(WORDS))
    assert texts(found, "ab a") == ["ab", "\u2581a", "</s>"]
    assert found.decode(found.encode(" ab a")) == " ab a"


def test_characters_without_a_token_are_bytes() -> None:
    found = tokenizer(model="llama", **pieces(WORDS))
    assert texts(found, "\u00e9") == ["<s>", "\u2581", "<0xC3>", "<0xA9>"]
    assert "".join(found.stream(found.encode("a\u00e9b"))) == "a\u00e9b"


def test_control_and_user_defined_tokens() -> None:
    vocabulary = pieces({**WORDS, "<turn>": 0.0, "aa": 0.0})
    vocabulary["token_type"][-2:] = CONTROL, USER
    found = tokenizer(model="llama", add_space_prefix=False, **vocabulary)
    assert texts(found, "aab<turn>c") == ["<s>", "aa", "b", "<turn>", "c"]
    assert found.decode(found.encode("aab<turn>c")) == "aabc"
    assert found.decode(found.encode("aab<turn>c"), special=True) == "<s>aab<turn>c"


def test_gemma4_cuts_off_line_breaks() -> None:
    words = {**WORDS, "\n": 0.0, "\n\n": 0.0}
    found = tokenizer(model="gemma4", merges=["\n \n", "a b", "\u2581 ab"], **pieces(words))
    assert texts(found, "ab ab\n\n\nab") == ["<s>", "ab", "\u2581ab", "\n\n", "\n", "ab"]


def test_bert() -> None:
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "\u2581hello", "\u2581wor", "ld", "\u2581,"]
    ids = {"unknown_token_id": 1, "bos_token_id": 2, "seperator_token_id": 3}
    found = tokenizer(model="bert", tokens=tokens, token_type=np.array([3] * 4 + [1] * 4), **ids)
    assert found.encode("Hello, World zzz") == [2, 4, 7, 5, 6, 1, 3]
    assert found.decode([4, 5, 6]) == "hello world"
    ids["cls_token_id"] = ids.pop("bos_token_id")
    assert tokenizer(model="bert", tokens=tokens, **ids).encode("hello") == [2, 4, 3]


CUTS = {
    "gpt-2": ["it", "'s", "\u012012345", "\u0120Ab"],
    "smollm": ["it", "'s", "\u0120", "1", "2", "3", "4", "5", "\u0120Ab"],
    "llama-bpe": ["it", "'s", "\u0120", "123", "45", "\u0120Ab"],
    "qwen2": ["it", "'s", "\u0120", "1", "2", "3", "4", "5", "\u0120Ab"],
    "gpt-4o": ["it's", "\u0120", "123", "45", "\u0120Ab"],
    "tekken": ["it", "'s", "\u0120", "1", "2", "3", "4", "5", "\u0120Ab"],
}


@pytest.mark.parametrize("name", CUTS)
def test_words(name: str) -> None:
    cutter = pre_tokenizer(name)
    assert cutter is not None
    assert [word for word, _ in cutter.pre_tokenize_str("it's 12345 Ab")] == CUTS[name]


def test_all_names_are_known() -> None:
    assert all(pre_tokenizer(name) is not None for name in NAMES)


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no model": ({}, "is None, which is not supported"),
    "another model": ({"model": "rwkv"}, "is 'rwkv', which is not supported"),
    "no tokens": ({"model": "gpt2"}, "it has no list of tokens"),
    "no merges": ({"model": "gpt2", "tokens": ["a"]}, "it has no list of merges"),
    "a merge of one": ({"model": "gpt2", "tokens": ["a"], "merges": ["a"]}, "the merge 'a' is not of two tokens"),
    "a merge into nothing": ({"model": "gpt2", "tokens": ["a", "b"], "merges": ["a b"]}, "cannot read the tokenizer"),
    "another pre-tokenizer": (
        {"model": "gpt2", "tokens": ["a"], "merges": [], "pre": "smolm"},
        r"'smolm' is not supported \(did you mean 'smollm'\?\)",
    ),
    "too few scores": ({"model": "llama", "tokens": ["a"]}, "it has 0 scores for 1 tokens"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken(case: str) -> None:
    metadata, problem = BROKEN[case]
    with pytest.raises(RlxcError, match=problem):
        tokenizer(**metadata)
