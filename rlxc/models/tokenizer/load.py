"""The tokenizer of a checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from rlxc.models.checkpoint import Checkpoint
from rlxc.models.extras import models_extra
from rlxc.models.tokenizer.tokenizer import Tokenizer


def load_tokenizer(checkpoint: Checkpoint) -> Tokenizer:
    """The tokenizer of a model. Raises RlxcError if there is none, or one that is damaged or not supported."""
    with models_extra("a tokenizer"):
        from rlxc.models.tokenizer.files import tokenizer_in
        from rlxc.models.tokenizer.gguf import tokenizer_of

    stop_ids = frozenset(stop_tokens(checkpoint))
    if isinstance(checkpoint.tokenizer_source, Path):
        return tokenizer_in(checkpoint.tokenizer_source, stop_ids)
    return tokenizer_of(checkpoint.path, checkpoint.tokenizer_source, stop_ids)


def stop_tokens(checkpoint: Checkpoint) -> list[int]:
    """The ids that end a text: of `generation_config.json`, else of `config.json`; one or a list."""
    found = checkpoint.generation.get("eos_token_id", checkpoint.config.get("eos_token_id"))
    ids = cast("list[Any]", found) if isinstance(found, list) else [found]
    return [token for token in ids if isinstance(token, int)]
