"""The tokenizer in the metadata of a GGUF file."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from tokenizers import AddedToken
from tokenizers import Tokenizer as Vocabulary

from rlxc.diagnostics import RlxcError
from rlxc.models.tokenizer.library import building
from rlxc.models.tokenizer.tokenizer import Tokenizer
from rlxc.models.tokenizer.vocabularies import (
    SPACE,
    Merges,
    byte_level,
    gemma4,
    merges_by_score,
    sentence_piece,
    word_piece,
)

NORMAL, CONTROL, USER_DEFINED = 1, 3, 4
"""Types of tokens. Control tokens are no text; those that users defined are found in it before all others."""

MODELS = ("gpt2", "llama", "gemma4", "bert")
BEGINS_BY_DEFAULT = ("llama-bpe", "llama3", "llama-v3", "tekken")
SPECIAL = {"bos_token": "bos", "eos_token": "eos", "unk_token": "unknown", "pad_token": "padding"}


def tokenizer_of(path: Path, metadata: Mapping[str, Any], stop_ids: frozenset[int]) -> Tokenizer:
    """The tokenizer that the metadata describes. Raises RlxcError."""
    model = metadata.get("tokenizer.ggml.model")
    if model not in MODELS:
        raise RlxcError(
            f"the tokenizer of '{path}' is {reprlib.repr(model)}, which is not supported",
            hint=f"supported are {', '.join(MODELS)}",
        )
    tokens = strings(path, metadata, "tokens")
    with building(str(path)):
        vocabulary = vocabulary_of(path, metadata, tokens)
        add_special(vocabulary, tokens, token_types(metadata, len(tokens)))
    ids = {key: token_id(metadata, name, tokens) for key, name in SPECIAL.items()}
    if ids["bos_token"] is None:
        ids["bos_token"] = token_id(metadata, "cls", tokens)
    template = metadata.get("tokenizer.chat_template")
    return Tokenizer(
        vocabulary=vocabulary,
        stop_ids=stop_ids,
        bos_id=ids["bos_token"],
        prefix=edge(metadata, "bos", ids["bos_token"], default=begins_by_default(metadata)),
        suffix=edge(metadata, "eos", token_id(metadata, "seperator", tokens) or ids["eos_token"], model == "bert"),
        chat_template=template if isinstance(template, str) else None,
        special_tokens={key: tokens[number] for key, number in ids.items() if number is not None},
    )


def vocabulary_of(path: Path, metadata: Mapping[str, Any], tokens: list[str]) -> Vocabulary:
    """The tokenizer of the library."""
    model, by_token = metadata["tokenizer.ggml.model"], {token: number for number, token in enumerate(tokens)}
    unknown_id = token_id(metadata, "unknown", tokens)
    unknown = None if unknown_id is None else tokens[unknown_id]
    match model:
        case "gpt2":
            name = str(metadata.get("tokenizer.ggml.pre", "default"))
            return byte_level(by_token, listed_merges(path, metadata, by_token), name)
        case "gemma4":
            return gemma4(by_token, listed_merges(path, metadata, by_token), unknown)
        case "bert":
            return word_piece(words(tokens), unknown or "[UNK]")
        case _:
            prefixed = bool(metadata.get("tokenizer.ggml.add_space_prefix", True))
            return sentence_piece(by_token, scored_merges(path, metadata, tokens), unknown, prefixed=prefixed)


def words(tokens: list[str]) -> dict[str, int]:
    """The vocabulary of BERT. The file marks what begins a word, the library what continues one."""
    found: dict[str, int] = {}
    for number, token in enumerate(tokens):
        found.setdefault(token.removeprefix(SPACE) if token.startswith((SPACE, "[")) else f"##{token}", number)
    return found


def listed_merges(path: Path, metadata: Mapping[str, Any], tokens: Mapping[str, int]) -> Merges:
    """The merges of the file: two tokens with a space between them, which may be part of a token."""
    return [pair(path, merge, tokens) for merge in strings(path, metadata, "merges")]


def pair(path: Path, merge: str, tokens: Mapping[str, int]) -> tuple[str, str]:
    """The two tokens of a merge."""
    left, space, right = merge.partition(" ")
    if left and space and right and " " not in right:
        return left, right
    for cut in (place for place, character in enumerate(merge) if character == " " and place):
        if merge[:cut] in tokens and merge[cut + 1 :] in tokens:
            return merge[:cut], merge[cut + 1 :]
    raise RlxcError(f"cannot read the tokenizer of '{path}': the merge {merge[:80]!r} is not of two tokens")


def scored_merges(path: Path, metadata: Mapping[str, Any], tokens: list[str]) -> Merges:
    """The merges that follow from scores."""
    scores, types = numbers(metadata, "scores"), token_types(metadata, len(tokens))
    if len(scores) != len(tokens):
        raise RlxcError(f"cannot read the tokenizer of '{path}': it has {len(scores)} scores for {len(tokens)} tokens")
    pieces = zip(range(len(tokens)), tokens, scores, types, strict=True)
    text = (NORMAL, USER_DEFINED)
    return merges_by_score({token: (number, score) for number, token, score, kind in pieces if kind in text})


def add_special(vocabulary: Vocabulary, tokens: list[str], types: list[int]) -> None:
    """Say which tokens are found before the text is cut."""
    by_type = {kind: [t for t, found in zip(tokens, types, strict=True) if found == kind and t] for kind in set(types)}
    library = cast(Any, vocabulary)
    library.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in by_type.get(CONTROL, [])])
    library.add_tokens([AddedToken(t, special=False, normalized=True) for t in by_type.get(USER_DEFINED, [])])


def token_types(metadata: Mapping[str, Any], count: int) -> list[int]:
    """The type of each token; all are normal if the file does not say."""
    types = [int(one) for one in numbers(metadata, "token_type")]
    return types if len(types) == count else [NORMAL] * count


def edge(metadata: Mapping[str, Any], name: str, token: int | None, default: bool) -> tuple[int, ...]:
    """The token that begins or ends each text, if one does."""
    added = metadata.get(f"tokenizer.ggml.add_{name}_token", default)
    return (token,) if added is True and token is not None else ()


def begins_by_default(metadata: Mapping[str, Any]) -> bool:
    """Whether texts begin with a token if the file does not say so."""
    return metadata["tokenizer.ggml.model"] != "gpt2" or metadata.get("tokenizer.ggml.pre") in BEGINS_BY_DEFAULT


def token_id(metadata: Mapping[str, Any], name: str, tokens: list[str]) -> int | None:
    """The id of a special token; None if the file has none, or one that does not exist."""
    found = metadata.get(f"tokenizer.ggml.{name}_token_id")
    return found if isinstance(found, int) and 0 <= found < len(tokens) else None


def strings(path: Path, metadata: Mapping[str, Any], key: str) -> list[str]:
    """An array of strings."""
    found = metadata.get(f"tokenizer.ggml.{key}")
    if found is None or isinstance(found, str | np.ndarray) or not isinstance(found, Iterable):
        raise RlxcError(f"cannot read the tokenizer of '{path}': it has no list of {key}")
    return list(cast("Iterable[str]", found))


def numbers(metadata: Mapping[str, Any], key: str) -> list[float]:
    """An array of numbers; empty if there is none."""
    found = metadata.get(f"tokenizer.ggml.{key}")
    return cast("NDArray[Any]", found).tolist() if isinstance(found, np.ndarray) else []
