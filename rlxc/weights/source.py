"""The one interface of all weight sources, and the error for what they do not hold."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Protocol, TypeAlias, runtime_checkable

from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.weights.encoded import EncodedMatrix

Array = NDArray[Any]

Stored: TypeAlias = "Array | EncodedMatrix"
"""A tensor without any conversion, perhaps of type `BFLOAT16`. `floats` gives its values."""

NO_WEIGHTS = "give weights, by --weights or weights=: a .safetensors, .npz or .gguf file, or random:SEED for a try"


@runtime_checkable
class WeightSource(Protocol):
    """Tensors by key. `shape` must be cheap; `get` may read and decode the tensor each time.

    `str(source)` says where the tensors come from, in error messages.
    """

    def keys(self) -> Collection[str]:
        """The keys of all tensors."""
        ...

    def shape(self, key: str) -> tuple[int, ...]:
        """The shape of a tensor, as stored."""
        ...

    def get(self, key: str) -> Array:
        """A tensor, as stored. The caller does not write to it."""
        ...


@runtime_checkable
class MappedSource(WeightSource, Protocol):
    """A source whose tensors lie in a file that is mapped into memory."""

    def stored(self, key: str) -> Stored:
        """A tensor without any conversion: a view of the file where that is possible."""
        ...

    def release(self, key: str) -> None:
        """Say that a tensor is not needed for now: its pages are read again when they are touched."""
        ...


def stored(source: WeightSource, key: str) -> Stored:
    """A tensor with as little conversion as the source allows."""
    return source.stored(key) if isinstance(source, MappedSource) else source.get(key)


def release(source: WeightSource, keys: Iterable[str]) -> None:
    """Say that tensors are not needed for now."""
    if isinstance(source, MappedSource):
        for key in keys:
            source.release(key)


def require_key(source: WeightSource, key: str, *, needed_by: str = "") -> None:
    """Raise RlxcError unless the source holds `key`; `needed_by` says who asks for it."""
    keys = source.keys()
    if key in keys:
        return
    asker = f"{needed_by}: " if needed_by else ""
    raise RlxcError(
        f"{asker}there is no weight '{key}' in {source}{did_you_mean(key, keys)}",
        hint=f"add it to the weights, or name one of their keys: {_some(keys)}" if keys else NO_WEIGHTS,
    )


def _some(keys: Collection[str], count: int = 3) -> str:
    """The first few keys, as a reminder of what they look like."""
    first = sorted(keys)[:count]
    return ", ".join(first) + (f", ... ({len(keys)} in all)" if len(keys) > count else "")
