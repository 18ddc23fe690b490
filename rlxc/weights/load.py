"""From stored tensors to the values of `rlx.param`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rlxc.diagnostics import RlxcError
from rlxc.weights.digest import content_digest
from rlxc.weights.source import Array, WeightSource, require_key
from rlxc.weights.spec import ParamSpec


def load_param(spec: ParamSpec, source: WeightSource) -> Array:
    """The value of a parameter, C-contiguous.

    Raises RlxcError, naming the key and what was expected and found, if a tensor is missing
    or has another shape, if it does not hold real numbers, if its content is not what the
    digest says, or if a rope table holds NaN or infinity.
    """
    stored = list(load_stored(spec, source).values())
    joined = stored[0] if len(stored) == 1 else np.concatenate(stored, axis=spec.stored_axis)
    return np.ascontiguousarray(joined.T if spec.transposed else joined)


def load_stored(spec: ParamSpec, source: WeightSource) -> dict[str, Array]:
    """The stored tensors of a parameter by key, in the element type of the value; checked as `load_param` does."""
    check_shapes(spec, source)
    stored = {key: as_floats(key, source.get(key), spec.dtype) for key in spec.keys}
    _check_content(spec, stored)
    return stored


def as_floats(key: str, array: Array, dtype: np.dtype[Any]) -> Array:
    """The array in the floating-point type `dtype`; raises RlxcError if it does not hold real numbers."""
    if array.dtype.kind != "f":
        raise RlxcError(
            f"weight '{key}' holds {array.dtype}, expected floating-point numbers",
            hint="dequantize or convert it first",
        )
    return array.astype(dtype, copy=False)


def check_shapes(spec: ParamSpec, source: WeightSource) -> None:
    """Raise RlxcError unless the source has the tensors of a parameter, in the right shapes. Reads no tensor."""
    for key in spec.keys:
        require_key(source, key)
    shapes = {key: tuple(source.shape(key)) for key in spec.keys}
    if _joined_shape(spec, list(shapes.values())) == spec.stored_shape:
        return
    note = " (stored transposed)" if spec.transposed else ""
    if len(spec.keys) == 1:
        (key, found), *_ = shapes.items()
        raise RlxcError(
            f"weight '{key}' in {source} has shape {list(found)}, expected {list(spec.stored_shape)}{note}",
            hint="these are not the weights that the program was written for",
        )
    found = ", ".join(f"'{key}' {list(shape)}" for key, shape in shapes.items())
    raise RlxcError(
        f"the weights {found} in {source} do not join to {list(spec.stored_shape)}{note}",
        hint="these are not the weights that the program was written for",
    )


def _joined_shape(spec: ParamSpec, shapes: list[tuple[int, ...]]) -> tuple[int, ...] | None:
    """The shape of the concatenation of all tensors, None if they cannot be concatenated."""
    axis, rank = spec.stored_axis, len(spec.shape)
    if any(len(shape) != rank for shape in shapes):
        return None
    if len({shape[:axis] + shape[axis + 1 :] for shape in shapes}) > 1:
        return None
    return (*shapes[0][:axis], sum(shape[axis] for shape in shapes), *shapes[0][axis + 1 :])


def _check_content(spec: ParamSpec, stored: dict[str, Array]) -> None:
    for problem in _content_problems(spec, stored):
        raise RlxcError(f"{_quoted(spec.keys)} {problem}")


def _content_problems(spec: ParamSpec, stored: dict[str, Array]) -> Iterator[str]:
    arrays = list(stored.values())
    if spec.table and not all(np.isfinite(array).all() for array in arrays):
        yield "is used as a rope table, but holds NaN or infinity"
    if spec.digest is not None:
        whole = arrays[0] if len(arrays) == 1 else np.concatenate(arrays, axis=spec.stored_axis)
        if content_digest(whole) != spec.digest:
            yield (
                "does not hold what the program was fused for: its digest is "
                f"{content_digest(whole)}, expected {spec.digest}"
            )


def _quoted(keys: tuple[str, ...]) -> str:
    return "weight " + ", ".join(f"'{key}'" for key in keys)
