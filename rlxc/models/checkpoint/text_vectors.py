"""How a checkpoint says that tokens become vectors: as sentence-transformers writes it, or in the metadata of GGUF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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

NAMED: Mapping[str, PoolingName] = MappingProxyType({"cls": "cls", "mean": "mean", "max": "max", "lasttoken": "last"})
"""Values of `pooling_mode`, which newer configs have instead of these keys."""

GGUF_POOLINGS: Mapping[int, PoolingName] = MappingProxyType({1: "mean", 2: "cls", 3: "last"})
"""Values of `pooling_type`; 0 is none and 4 a ranking, which make no vector of a text."""

MODULES = "modules.json"
HINT = "give the pooling, such as 'mean'"


@dataclass(frozen=True)
class TextVectors:
    """Which vector stands for a text."""

    pooling: PoolingName = "mean"
    normalize: bool = False


def text_vectors(
    checkpoint: Checkpoint, pooling: PoolingName | None = None, normalize: bool | None = None
) -> TextVectors:
    """What is given, and else what the checkpoint says; the mean over the tokens if it says nothing.

    What is given is not read. Raises RlxcError for what is not supported.
    """
    return TextVectors(
        stated_pooling(checkpoint) if pooling is None else pooling,
        stated_normalize(checkpoint) if normalize is None else normalize,
    )


def stated_pooling(checkpoint: Checkpoint) -> PoolingName:
    """The pooling that the checkpoint asks for."""
    source = checkpoint.tokenizer_source
    if isinstance(source, Path):
        path = config_of_pooling(source)
        return "mean" if path is None else pooling_of(path)
    stated = source.get(f"{source.get('general.architecture')}.pooling_type")
    if stated is None:
        return "mean"
    if stated not in GGUF_POOLINGS:
        known = ", ".join(f"{number} ({name})" for number, name in GGUF_POOLINGS.items())
        raise RlxcError(f"'{checkpoint.path}' has pooling_type {stated!r:.80}, expected one of {known}", hint=HINT)
    return GGUF_POOLINGS[stated]


def stated_normalize(checkpoint: Checkpoint) -> bool:
    """Whether the checkpoint asks for vectors of length 1."""
    source = checkpoint.tokenizer_source
    return isinstance(source, Path) and any(kind(module) == "Normalize" for module in modules_of(source / MODULES))


def require_prompt_in_pooling(checkpoint: Checkpoint) -> None:
    """Raise RlxcError if the checkpoint asks to leave out the tokens of the prompt."""
    source = checkpoint.tokenizer_source
    path = config_of_pooling(source) if isinstance(source, Path) else None
    if path is not None and read_object(path).get("include_prompt") is False:
        raise RlxcError(
            f"'{path}' asks to leave the prompt out of the pooling, which is not supported",
            hint=f"{HINT}: the prompt is part of it then; or give an empty prompt",
        )


def config_of_pooling(directory: Path) -> Path | None:
    """The config of the pooling; None if there is none. Raises RlxcError for modules that compute anything else."""
    path, config = directory / MODULES, None
    for module in modules_of(path):
        match kind(module):
            case "Transformer" | "Normalize":
                pass
            case "Pooling":
                config = folder(path, module) / "config.json"
            case other:
                raise unreadable(path, f"modules of type {other[:80]!r} are not supported", HINT)
    return config


def kind(module: Mapping[str, Any]) -> str:
    """The class of a module, as `Pooling`."""
    return str(module.get("type")).rpartition(".")[2]


def modules_of(path: Path) -> list[dict[str, Any]]:
    """The objects that the file lists; none if there is no such file."""
    if not path.exists():
        return []
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
    config = read_object(path)
    if "pooling_mode" in config:
        return named_pooling(path, config["pooling_mode"])
    modes = [key for key, value in config.items() if key.startswith("pooling_mode_") and value is True]
    if len(modes) != 1 or modes[0] not in MODES:
        asked = ", ".join(modes) or "no pooling"
        raise RlxcError(f"'{path}' asks for {asked}, expected one of {', '.join(MODES)}", hint=HINT)
    return MODES[modes[0]]


def named_pooling(path: Path, name: object) -> PoolingName:
    """The pooling of a name."""
    if not isinstance(name, str) or name not in NAMED:
        raise RlxcError(f"'{path}' asks for pooling {name!r:.80}, expected one of {', '.join(NAMED)}", hint=HINT)
    return NAMED[name]
