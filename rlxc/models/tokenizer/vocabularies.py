"""Tokenizers of the library from the parts that GGUF files hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.models.tokenizer.pre_tokenizers import COMPOSED, NAMES, WHOLE_WORDS, pre_tokenizer

SPACE = "\u2581"
"""What SentencePiece writes for a space."""

Merges = list[tuple[str, str]]


def byte_level(vocabulary: Mapping[str, int], merges: Merges, name: str) -> Tokenizer:
    """Byte-level BPE; `name` says how text is cut into words."""
    words = pre_tokenizer(name)
    if words is None:
        raise RlxcError(
            f"the pre-tokenizer '{name}' is not supported{did_you_mean(name, NAMES)}",
            hint=f"supported are {', '.join(NAMES)}",
        )
    model = models.BPE(vocab=dict(vocabulary), merges=merges, ignore_merges=name in WHOLE_WORDS)
    tokenizer = Tokenizer(model)
    set_part(tokenizer, "pre_tokenizer", words)
    set_part(tokenizer, "decoder", decoders.ByteLevel())
    if name in COMPOSED:
        set_part(tokenizer, "normalizer", normalizers.NFC())
    return tokenizer


def sentence_piece(vocabulary: Mapping[str, int], merges: Merges, unknown: str | None, *, prefixed: bool) -> Tokenizer:
    """BPE over characters, with a mark for the space; characters without a token become bytes."""
    model = models.BPE(
        vocab=dict(vocabulary), merges=merges, unk_token=unknown, fuse_unk=unknown is not None, byte_fallback=True
    )
    tokenizer = Tokenizer(model)
    spaces = normalizers.Replace(" ", SPACE)
    set_part(
        tokenizer, "normalizer", normalizers.Sequence([normalizers.Prepend(SPACE), spaces]) if prefixed else spaces
    )
    steps: list[Any] = [decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]
    set_part(tokenizer, "decoder", decoders.Sequence([*steps, *([decoders.Strip(" ", 1, 0)] if prefixed else [])]))
    return tokenizer


def gemma4(vocabulary: Mapping[str, int], merges: Merges, unknown: str | None) -> Tokenizer:
    """The same, but runs of line breaks are cut off first."""
    tokenizer = sentence_piece(vocabulary, merges, unknown, prefixed=False)
    set_part(tokenizer, "pre_tokenizer", pre_tokenizers.Split(Regex("\n+"), behavior="isolated"))
    return tokenizer


def word_piece(
    vocabulary: Mapping[str, int],
    unknown: str,
    *,
    lowercase: bool = True,
    strip_accents: bool | None = None,
    chinese_characters: bool = True,
) -> Tokenizer:
    """WordPiece of BERT: `##` marks what continues a word. Accents are stripped where letters become small, if None."""
    tokenizer = Tokenizer(models.WordPiece(vocab=dict(vocabulary), unk_token=unknown, max_input_chars_per_word=100))
    normalizer = normalizers.BertNormalizer(
        lowercase=lowercase, strip_accents=strip_accents, handle_chinese_chars=chinese_characters
    )
    set_part(tokenizer, "normalizer", normalizer)
    set_part(tokenizer, "pre_tokenizer", pre_tokenizers.BertPreTokenizer())
    set_part(tokenizer, "decoder", decoders.WordPiece())
    return tokenizer


def merges_by_score(pieces: Mapping[str, tuple[int, float]]) -> Merges:
    """The merges that a SentencePiece model with scores makes: of a piece, all ways to cut it into two pieces.

    The merge of a piece with a higher score comes first.
    """
    found: list[tuple[float, int, int, str, str]] = []
    for piece, (_, score) in pieces.items():
        cuts = [(piece[:cut], piece[cut:]) for cut in range(1, len(piece))]
        known = [(left, right) for left, right in cuts if left in pieces and right in pieces]
        known.sort(key=lambda pair: (pieces[pair[0]][0], pieces[pair[1]][0]))
        found += [(score, len(left), len(right), left, right) for left, right in known]
    found.sort(key=lambda merge: merge[:3], reverse=True)
    return [(left, right) for *_, left, right in found]


def set_part(tokenizer: Tokenizer, part: str, value: object) -> None:
    """Set one of the tokenizer's properties, which its type stubs take for read-only."""
    setattr(cast(Any, tokenizer), part, value)
