"""Weights in several safetensors files, found by an index."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, cast

from rlxc.models.checkpoint.json_file import MEGABYTE, read_object, require_regular, unreadable
from rlxc.weights import WeightSource, open_weights, require_key
from rlxc.weights.source import Array, Stored, release, stored

MOST_SHARDS = 4096
"""A limit on open files; the largest published models have some hundred."""


class ShardedWeights:
    """The tensors that the `weight_map` of an index lists: key -> the file that holds it.

    All files are beside the index. Raises RlxcError if one is named otherwise, is missing, or does not
    hold what the index says.
    """

    def __init__(self, index: Path):
        self.path = index
        self._files = weight_map(index)
        self._shards = {name: open_shard(index, name) for name in sorted(set(self._files.values()))}
        for key, name in self._files.items():
            if key not in self._shards[name].keys():
                raise unreadable(index, f"it says that '{name}' holds '{key}', which it does not")

    def __str__(self) -> str:
        return f"'{self.path}'"

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return self._files.keys()

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        return self._shard(key).shape(key)

    def get(self, key: str) -> Array:
        """See `WeightSource`."""
        return self._shard(key).get(key)

    def stored(self, key: str) -> Stored:
        """See `MappedSource`."""
        return stored(self._shard(key), key)

    def release(self, key: str) -> None:
        """See `MappedSource`."""
        release(self._shard(key), (key,))

    def _shard(self, key: str) -> WeightSource:
        require_key(self, key)
        return self._shards[self._files[key]]


def weight_map(index: Path) -> Mapping[str, str]:
    """The file of each tensor, as the index says."""
    found = read_object(index, 64 * MEGABYTE).get("weight_map")
    if not isinstance(found, dict):
        raise unreadable(index, "'weight_map' is not an object of file names by key")
    files = cast("dict[str, Any]", found)
    for key, name in files.items():
        # A name with a directory could lead anywhere; the index of an index leads nowhere.
        if not isinstance(name, str) or Path(name).name != name or not name.endswith(".safetensors"):
            raise unreadable(
                index, f"the file of '{key}' is {name!r}, expected the name of a .safetensors file beside it"
            )
    if len(set(files.values())) > MOST_SHARDS:
        raise unreadable(index, f"it names {len(set(files.values()))} files, more than {MOST_SHARDS}")
    return files


def open_shard(index: Path, name: str) -> WeightSource:
    """One of the files."""
    path = index.with_name(name)
    require_regular(path)
    return open_weights(path)
