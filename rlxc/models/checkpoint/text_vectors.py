"""How a checkpoint says that texts become vectors: as sentence-transformers writes it, or in the metadata of GGUF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Literal, cast

from rlxc.diagnostics import RlxcError
from rlxc.models.checkpoint.checkpoint import Checkpoint
from rlxc.models.checkpoint.json_file import read_json, read_object, unreadable

PoolingName = Literal["mean", "max", "cls", "last"]

MODES: Mapping[str, PoolingName] = MappingProxyType(
    {
        "pooling_mode_cls_token": "cls",
        "pooling_mode_mean_tokens": "mean",
        "pooling_mode_max_tokens": "max",
        "pooling_mode_lasttoken": "last",
    }
)
"""Keys of the config of a pooling; others that begin with `pooling_mode_` are not supported."""

GGUF_POOLINGS: Mapping[int, PoolingName] = MappingProxyType({1: "mean", 2: "cls", 3: "last"})


@dataclass(frozen=True)
class TextVectors:
    """Which vector stands for a text."""

    pooling: PoolingName = "mean"
    normalize: bool = False


def text_vectors(checkpoint: Checkpoint) -> TextVectors:
    """What the checkpoint says; the mean over the tokens if it does not. Raises RlxcError for what is not supported."""
    source = checkpoint.tokenizer_source
    if isinstance(source, Path):
        return of_directory(source)
    pooling = source.get(f"{source.get('general.architecture')}.pooling_type")
    return TextVectors(GGUF_POOLINGS.get(pooling, "mean") if isinstance(pooling, int) else "mean")


def most_tokens(checkpoint: Checkpoint) -> int | None:
    """How many tokens of a text are read; None for as many as the model can read."""
    source = checkpoint.tokenizer_source
    path = source / "sentence_bert_config.json" if isinstance(source, Path) else None
    most = read_object(path).get("max_seq_length") if path is not None and path.exists() else None
    return most if isinstance(most, int) and most > 0 else None


def of_directory(directory: Path) -> TextVectors:
    """What the modules of sentence-transformers say."""
    path, vectors = directory / "modules.json", TextVectors()
    for module in modules_of(path) if path.exists() else ():
        match str(module.get("type")).rpartition(".")[2]:
            case "Transformer":
                pass
            case "Pooling":
                vectors = replace(vectors, pooling=pooling_of(folder(path, module) / "config.json"))
            case "Normalize":
                vectors = replace(vectors, normalize=True)
            case other:
                raise unreadable(path, f"modules of type {other[:80]!r} are not supported", "give the pooling")
    return vectors


def modules_of(path: Path) -> list[dict[str, Any]]:
    """The objects that the file lists."""
    found = read_json(path)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in cast("list[object]", found)):
        raise unreadable(path, "it is not a list of objects")
    return cast("list[dict[str, Any]]", found)


def folder(path: Path, module: Mapping[str, Any]) -> Path:
    """The directory of a module, which is inside that of the model."""
    name = module.get("path")
    if not isinstance(name, str) or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise unreadable(path, f"the path of a module is {name!r:.80}, expected a directory beside it")
    return path.parent / name


def pooling_of(path: Path) -> PoolingName:
    """The one pooling that a config asks for."""
    modes = [key for key, value in read_object(path).items() if key.startswith("pooling_mode_") and value is True]
    if len(modes) != 1 or modes[0] not in MODES:
        asked = ", ".join(modes) or "no pooling"
        raise RlxcError(f"'{path}' asks for {asked}, expected one of {', '.join(MODES)}", hint="give the pooling")
    return MODES[modes[0]]
