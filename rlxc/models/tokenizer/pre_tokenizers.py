"""How byte-level tokenizers cut text into words, by the names that GGUF files have for it."""

from __future__ import annotations

from collections.abc import Mapping

from tokenizers import Regex, pre_tokenizers
from tokenizers.pre_tokenizers import ByteLevel, Digits, PreTokenizer, Sequence, Split

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
TAIL = r"|\s*[\r\n]+|\s+(?!\S)|\s+"
LOWER, UPPER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]", r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
START = r"[^\r\n\p{L}\p{N}]?"


def words(digits: str) -> str:
    """Words with the character before them, runs of `digits`, and runs of other characters."""
    return CONTRACTIONS + rf"|{START}\p{{L}}+|{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*" + TAIL


def cased(digits: str, contractions: str) -> str:
    """The same, but words end before a capital letter, and may end with a contraction."""
    ends = f"{START}{UPPER}*{LOWER}+{contractions}|{START}{UPPER}+{LOWER}*{contractions}"
    return ends + rf"|{digits}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*" + TAIL


REGEXES = {
    **dict.fromkeys(("llama-bpe", "llama3", "llama-v3", "smaug-bpe", "falcon3"), words(r"\p{N}{1,3}")),
    **dict.fromkeys(("qwen2", "stablelm2", "deepseek-r1-qwen"), words(r"\p{N}")),
    "gpt-4o": cased(r"\p{N}{1,3}", f"{CONTRACTIONS}?"),
    "tekken": cased(r"\p{N}", ""),
}
SINGLE_DIGITS = ("smollm", "starcoder", "refact", "command-r", "codeshell", "exaone")
GPT2 = ("default", "gpt-2", "gpt2", "phi-2", "mpt", "olmo", "jais", "gpt-neox")

WHOLE_WORDS = ("llama-bpe", "llama3", "llama-v3", "smaug-bpe", "falcon3", "tekken")
"""Those that take a word which is a token as it is, whatever the merges would make of it."""

COMPOSED = ("qwen2", "stablelm2", "deepseek-r1-qwen", "gpt-neox")
"""Those that compose characters first (Unicode form C)."""


def by_regex(regex: str) -> PreTokenizer:
    """Cut where the regex says, then turn words into bytes."""
    split = Split(Regex(regex), behavior="isolated")
    return Sequence([split, ByteLevel(add_prefix_space=False, use_regex=False)])


def single_digits() -> PreTokenizer:
    """Each digit is a word; the rest as GPT-2 does."""
    return Sequence([Digits(individual_digits=True), ByteLevel(add_prefix_space=False, use_regex=True)])


def pre_tokenizer(name: str) -> pre_tokenizers.PreTokenizer | None:
    """The pre-tokenizer of that name; None if it is not known."""
    if name in REGEXES:
        return by_regex(REGEXES[name])
    if name in SINGLE_DIGITS:
        return single_digits()
    return ByteLevel(add_prefix_space=False, use_regex=True) if name in GPT2 else None


NAMES: Mapping[str, None] = dict.fromkeys((*REGEXES, *SINGLE_DIGITS, *GPT2))
"""All names that are known."""
