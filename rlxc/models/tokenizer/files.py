"""The files of a tokenizer in a Hugging Face directory."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from tokenizers import Tokenizer as Vocabulary

from rlxc.diagnostics import RlxcError
from rlxc.diagnostics.input import read_text
from rlxc.models.checkpoint.json_file import MEGABYTE, read_flag, read_object, require_regular
from rlxc.models.tokenizer.library import building
from rlxc.models.tokenizer.tokenizer import Tokenizer
from rlxc.models.tokenizer.vocabularies import word_piece

MOST_BYTES = 256 * MEGABYTE
"""The largest `tokenizer.json` that is read; those of 262144 tokens have 33 MB."""

CONFIG = "tokenizer_config.json"

BERT_TOKENS = {"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
"""What texts of BERT begin and end with, unless the checkpoint says otherwise."""


def tokenizer_in(directory: Path, stop_ids: frozenset[int]) -> Tokenizer:
    """The tokenizer in a directory."""
    path = directory / "tokenizer.json"
    if not path.exists() and (directory / "vocab.txt").exists():
        return word_piece_in(directory, stop_ids)
    if not path.exists():
        raise RlxcError(
            f"the model '{directory}' has no tokenizer.json",
            hint="save its tokenizer again with transformers, as a fast tokenizer",
        )
    require_bounded(path)
    with building(str(directory)):
        vocabulary = Vocabulary.from_file(str(path))
    vocabulary.no_padding()
    vocabulary.no_truncation()
    names = special_tokens(directory)
    bos = names.get("bos_token")
    return Tokenizer(
        vocabulary=vocabulary,
        stop_ids=stop_ids,
        bos_id=None if bos is None else vocabulary.token_to_id(bos),
        chat_template=chat_template(directory),
        special_tokens=names,
    )


def word_piece_in(directory: Path, stop_ids: frozenset[int]) -> Tokenizer:
    """The tokenizer of BERT, of which there is only the vocabulary: one token a line."""
    path, config = directory / "vocab.txt", tokenizer_config(directory)
    require_bounded(path)
    lines = read_text(str(path))[0].replace("\r\n", "\n").removesuffix("\n").split("\n")
    vocabulary = {token: number for number, token in enumerate(lines)}
    names = BERT_TOKENS | special_tokens(directory)
    missing = [f"'{names[key]}'" for key in BERT_TOKENS if names[key] not in vocabulary]
    if missing:
        raise RlxcError(f"the vocabulary '{path}' has no {', '.join(missing)}", hint="it is not that of BERT")
    source = directory / CONFIG
    lowercase = read_flag(source, config, "do_lower_case", default=True)
    chinese_characters = read_flag(source, config, "tokenize_chinese_chars", default=True)
    # Unless it is said, accents go where capitals do.
    strip_accents = None if config.get("strip_accents") is None else read_flag(source, config, "strip_accents", False)
    with building(str(directory)):
        tokenizer = word_piece(
            vocabulary,
            names["unk_token"],
            lowercase=lowercase,
            strip_accents=strip_accents,
            chinese_characters=chinese_characters,
        )
        cast(Any, tokenizer).add_special_tokens([names[key] for key in sorted(names) if names[key] in vocabulary])
    begin, end = vocabulary[names["cls_token"]], vocabulary[names["sep_token"]]
    return Tokenizer(
        vocabulary=tokenizer, stop_ids=stop_ids, bos_id=begin, prefix=(begin,), suffix=(end,), special_tokens=names
    )


def require_bounded(path: Path) -> None:
    """Raise RlxcError unless the path is that of a file that is not too large."""
    require_regular(path)
    if (size := path.stat().st_size) > MOST_BYTES:
        raise RlxcError(f"'{path}' has {size} bytes, more than {MOST_BYTES}")


def special_tokens(directory: Path) -> dict[str, str]:
    """`bos_token`, `eos_token` and the like: texts, or objects that hold one."""
    config = tokenizer_config(directory)
    found = {key: value for key, value in config.items() if key.endswith("_token")}
    texts = {key: cast("dict[str, Any]", v).get("content") if isinstance(v, dict) else v for key, v in found.items()}
    return {key: text for key, text in texts.items() if isinstance(text, str)}


def chat_template(directory: Path) -> str | None:
    """The template in its own file, or that of `tokenizer_config.json`: of several, the one named `default`."""
    own = directory / "chat_template.jinja"
    if own.exists():
        require_regular(own)
        return own.read_text(encoding="utf-8", errors="replace")
    found = tokenizer_config(directory).get("chat_template")
    if isinstance(found, list):
        named = cast("list[dict[str, Any]]", [one for one in cast("list[Any]", found) if isinstance(one, dict)])
        by_name = {str(one.get("name")): one.get("template") for one in named}
        found = by_name.get("default")
    return found if isinstance(found, str) else None


def tokenizer_config(directory: Path) -> dict[str, Any]:
    """What `tokenizer_config.json` says; nothing if there is none."""
    path = directory / CONFIG
    return read_object(path) if path.exists() else {}
