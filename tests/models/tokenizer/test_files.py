"""Tokenizers of Hugging Face directories."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from tokenizers import Tokenizer as Vocabulary
from tokenizers import models, pre_tokenizers

from rlxc import RlxcError
from rlxc.models.checkpoint import open_checkpoint
from rlxc.models.tokenizer import Tokenizer, load_tokenizer

MODEL = Path(__file__).parents[2] / "data" / "models" / "llama_tiny"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A model with a tokenizer of four words."""
    shutil.copytree(MODEL, tmp_path / "model")
    vocabulary = Vocabulary(models.WordLevel({"<s>": 0, "</s>": 1, "hello": 2, "world": 3}, unk_token="<s>"))
    setattr(vocabulary, "pre_tokenizer", pre_tokenizers.Whitespace())
    cast(Any, vocabulary).enable_padding(length=8)
    vocabulary.save(str(tmp_path / "model" / "tokenizer.json"))
    return tmp_path / "model"


def load(directory: Path, **config: Any) -> Tokenizer:
    (directory / "tokenizer_config.json").write_text(json.dumps(config))
    return load_tokenizer(open_checkpoint(directory))


def test_encode_and_decode(directory: Path) -> None:
    tokenizer = load(directory, bos_token="<s>", eos_token={"content": "</s>"})
    assert tokenizer.encode("hello world hello") == [2, 3, 2]
    assert tokenizer.decode([2, 3]) == "hello world"
    assert (tokenizer.bos_id, tokenizer.stop_ids) == (0, {2})
    assert tokenizer.special_tokens == {"bos_token": "<s>", "eos_token": "</s>"}
    with pytest.raises(RlxcError, match="-1 is no token id"):
        tokenizer.decode([-1])


@pytest.mark.parametrize(("found", "expected"), [([1, 3], {1, 3}), (3, {3}), (None, set[int]())])
def test_stop_tokens(directory: Path, found: object, expected: set[int]) -> None:
    (directory / "generation_config.json").write_text(json.dumps({"eos_token_id": found}))
    assert load(directory).stop_ids == expected


@pytest.mark.parametrize(
    "template",
    [
        "{{ bos_token }}hi",
        [{"name": "tool_use", "template": "no"}, {"name": "default", "template": "{{ bos_token }}hi"}],
    ],
)
def test_chat_template(directory: Path, template: object) -> None:
    tokenizer = load(directory, bos_token="<s>", chat_template=template)
    assert tokenizer.render_chat([]) == "<s>hi"
    (directory / "chat_template.jinja").write_text("own")
    assert load(directory, chat_template=template).render_chat([]) == "own"


def test_no_chat_template(directory: Path) -> None:
    with pytest.raises(RlxcError, match="no chat template"):
        load(directory).encode_chat([])


@pytest.mark.parametrize("data", [b"", b"{}", b'{"model": {"type": "BPE", "vocab": 3}}', b"\xff\xfe"])
def test_damaged(directory: Path, data: bytes) -> None:
    (directory / "tokenizer.json").write_bytes(data)
    with pytest.raises(RlxcError, match="cannot read the tokenizer of"):
        load(directory)


def test_missing(directory: Path) -> None:
    (directory / "tokenizer.json").unlink()
    with pytest.raises(RlxcError, match=r"has no tokenizer\.json"):
        load(directory)


WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "caf", "##e", "Caf", "##\u00e9", "\u6771", ","]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, [2, 4, 5, 9, 8, 1, 3]),
        ({"do_lower_case": False}, [2, 6, 7, 9, 8, 1, 3]),
        ({"do_lower_case": False, "strip_accents": True}, [2, 6, 5, 9, 8, 1, 3]),
        ({"tokenize_chinese_chars": False}, [2, 4, 5, 9, 1, 3]),
    ],
)
def test_vocabulary_of_bert(directory: Path, config: dict[str, Any], expected: list[int]) -> None:
    (directory / "tokenizer.json").unlink()
    (directory / "vocab.txt").write_text("\n".join(WORDS) + "\n", "utf-8")
    tokenizer = load(directory, **config)
    assert tokenizer.encode("Caf\u00e9, \u6771\u4eac") == expected
    assert tokenizer.encode("Caf\u00e9", special=False) == expected[1:3]
    assert tokenizer.decode([2, 4, 5, 9, 3]) == "cafe,"


@pytest.mark.parametrize("key", ["do_lower_case", "strip_accents", "tokenize_chinese_chars"])
def test_flag_of_another_type(directory: Path, key: str) -> None:
    (directory / "tokenizer.json").unlink()
    (directory / "vocab.txt").write_text("\n".join(WORDS) + "\n", "utf-8")
    with pytest.raises(RlxcError, match=f"tokenizer_config.json.*'{key}' is 'no', expected true or false"):
        load(directory, **{key: "no"})


def test_vocabulary_without_the_tokens_of_bert(directory: Path) -> None:
    (directory / "tokenizer.json").unlink()
    (directory / "vocab.txt").write_text("[UNK]\nhello\n[SEP]\n")
    with pytest.raises(RlxcError, match=r"vocab.txt' has no '\[CLS\]'"):
        load(directory)


def test_cut_texts(directory: Path) -> None:
    """The tokens that end a text stay, wherever they come from."""
    tokenizer = load(directory, bos_token="<s>")
    assert tokenizer.encode("hello world hello", most=2) == [2, 3]
    ended = replace(tokenizer, prefix=(0,), suffix=(1,))
    assert ended.encode("hello world hello", most=5) == [0, 2, 3, 2, 1]
    assert ended.encode("hello world hello", most=3) == [0, 2, 1]
    assert ended.encode("hello world hello", most=1) == [1]


def test_cut_text_keeps_what_its_vocabulary_adds(directory: Path) -> None:
    (directory / "tokenizer.json").unlink()
    (directory / "vocab.txt").write_text("\n".join(WORDS) + "\n", "utf-8")
    tokenizer = load(directory)
    assert tokenizer.encode("caf, caf, caf", most=4) == [2, 4, 9, 3]
    assert tokenizer.encode("[SEP] caf [SEP]", most=3) == [2, 3, 3]
