"""From what a user has, to a weight source."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias, cast

from rlxc.diagnostics import RlxcError, UsageError
from rlxc.weights.mapping import MappingWeights
from rlxc.weights.source import Array, WeightSource

Weights: TypeAlias = "WeightSource | Mapping[str, Array] | str | os.PathLike[str]"
"""Whatever weights can be read from: a source, arrays by key, or a file."""

SUFFIXES = (".safetensors", ".npz", ".gguf")

PREFIX = "random:"
"""How a text that asks for random weights begins; the seed follows."""


def as_source(weights: Weights | None) -> WeightSource:
    """A source that reads `weights`; an empty one for None."""
    if weights is None:
        return MappingWeights({}, "the weights (none were given)")
    if isinstance(weights, str | os.PathLike):
        return open_weights(weights)
    if isinstance(weights, Mapping):
        return MappingWeights(weights)
    if isinstance(cast(object, weights), WeightSource):
        return weights
    raise RlxcError(
        f"weights must be a mapping from key to array, a weight source or a path, got {type(weights).__name__}"
    )


def open_weights(path: str | os.PathLike[str]) -> WeightSource:
    """The tensors of a `.safetensors`, `.npz` or `.gguf` file, read when they are asked for.

    Raises RlxcError if the file is missing, damaged or of another kind.
    """
    file = Path(path)
    if not file.is_file():
        problem = "it is a directory" if file.is_dir() else "there is no such file"
        raise RlxcError(f"cannot read weights from '{file}': {problem}", hint="give the path of a weight file")
    match file.suffix.lower():
        case ".safetensors":
            from rlxc.weights.safetensors_file import SafetensorsFile

            return SafetensorsFile(file)
        case ".npz":
            from rlxc.weights.npz_file import NpzFile

            return NpzFile(file)
        case ".gguf":
            from rlxc.weights.gguf_file import GgufFile

            return GgufFile(file)
        case suffix:
            raise RlxcError(
                f"cannot read weights from '{file}': unknown file type '{suffix}'",
                hint=f"the name must end in {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}",
            )


def random_seed(text: str) -> int | None:
    """The seed in `random:SEED`, None if the text does not begin so. Raises UsageError if the seed is malformed."""
    if not text.startswith(PREFIX):
        return None
    if not re.fullmatch(r"\d{1,18}", text.removeprefix(PREFIX)):
        raise UsageError(f"malformed weights '{text}'", hint="write random:SEED, such as random:0")
    return int(text.removeprefix(PREFIX))
