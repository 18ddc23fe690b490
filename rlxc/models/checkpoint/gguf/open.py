"""GGUF files."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.models.checkpoint.checkpoint import Checkpoint
from rlxc.models.checkpoint.gguf.config import FAMILIES, config_of
from rlxc.models.checkpoint.gguf.metadata import Metadata
from rlxc.models.checkpoint.json_file import require_regular
from rlxc.models.checkpoint.renamed import RenamedWeights

EMBEDDINGS = ("model.embed_tokens.weight", "gpt_neox.embed_in.weight", "embeddings.word_embeddings.weight")
STOP_TOKENS = ("eos_token_id", "eot_token_id", "eom_token_id")


def open_gguf(path: Path) -> Checkpoint:
    """The model in a GGUF file, with the config and the names that Hugging Face has for it. Raises RlxcError."""
    from rlxc.weights.gguf_file import GgufFile

    require_regular(path)
    file = GgufFile(path)
    architecture = supported(path, file.metadata)
    # Norms of Gemma are taken as they are stored, 1 + w: the config says so by `norm_weight_offset`.
    names = {name: alias.tensor if alias.added else name for name, alias in file.aliases.items()}
    plain = {name: name for name in file.keys() if name.startswith("rope_")}
    weights = RenamedWeights(file, names | plain)
    embedding = next((name for name in EMBEDDINGS if name in names and len(file.shape(name)) == 2), None)
    if embedding is None:
        raise RlxcError(f"cannot read the model '{path}': it has no matrix 'token_embd.weight'")
    return Checkpoint(
        path=path,
        config=config_of(Metadata(path, architecture, file.metadata), weights, embedding),
        weights=weights,
        generation=generation(file.metadata),
        tokenizer_source=file.metadata,
    )


def supported(path: Path, metadata: Mapping[str, Any]) -> str:
    """The architecture of the file. Raises RlxcError, with those that are supported, for another one."""
    architecture = metadata.get("general.architecture")
    if not isinstance(architecture, str) or architecture not in FAMILIES:
        raise RlxcError(
            f"cannot read the model '{path}': architecture {reprlib.repr(architecture)} is not supported"
            f"{did_you_mean(str(architecture)[:80], FAMILIES)}",
            hint=f"supported are {', '.join(FAMILIES)}",
        )
    if isinstance(parts := metadata.get("split.count"), int) and parts > 1:
        raise RlxcError(
            f"cannot read the model '{path}': it is one of {parts} parts",
            hint="merge them with llama-gguf-split --merge",
        )
    return architecture


def generation(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The tokens that end a text."""
    found = [metadata.get(f"tokenizer.ggml.{key}") for key in STOP_TOKENS]
    ids = list(dict.fromkeys(token for token in found if isinstance(token, int)))
    return {"eos_token_id": ids} if ids else {}
