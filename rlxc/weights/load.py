"""From stored tensors to the values of `rlx.param`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rlxc.diagnostics import RlxcError
from rlxc.weights.bfloat16 import BFLOAT16, copy_floats, floats
from rlxc.weights.digest import content_digest
from rlxc.weights.source import Array, Stored, WeightSource, release, require_key, stored
from rlxc.weights.spec import ParamSpec


def load_param(spec: ParamSpec, source: WeightSource) -> Array:
    """The value of a parameter, C-contiguous.

    Raises RlxcError, naming the key and what was expected and found, if a tensor is missing
    or has another shape, if it does not hold real numbers, if its content is not what the
    digest says, or if a rope table holds NaN or infinity.
    """
    tensors = list(stored_tensors(spec, source).values())
    first, *others = tensors
    if isinstance(first, np.ndarray) and not others and not spec.transposed and first.dtype == spec.dtype:
        return np.ascontiguousarray(first)
    value, parts = np.empty(spec.shape, spec.dtype), [one.T if spec.transposed else one for one in tensors]
    ends = np.cumsum([part.shape[-1] for part in parts[:-1]], dtype=np.intp)
    for target, part in zip(np.split(value, ends, axis=-1) if len(ends) else [value], parts, strict=True):
        copy_floats(target, part)
    release(source, spec.keys)
    return value


def stored_tensors(spec: ParamSpec, source: WeightSource) -> dict[str, Stored]:
    """The tensors of a parameter by key, checked as `load_param` does, with as little conversion as possible.

    `copy_floats` gives their values.
    """
    check_shapes(spec, source)
    tensors = {key: stored(source, key) for key in spec.keys}
    for key, tensor in tensors.items():
        require_floats(key, tensor)
    if spec.digest is not None or spec.table:
        _check_content(spec, {key: as_floats(key, tensor, spec.dtype) for key, tensor in tensors.items()})
    return tensors


def load_stored(spec: ParamSpec, source: WeightSource) -> dict[str, Array]:
    """The stored tensors of a parameter by key, in the element type of the value; checked as `load_param` does."""
    check_shapes(spec, source)
    tensors = {key: as_floats(key, source.get(key), spec.dtype) for key in spec.keys}
    _check_content(spec, tensors)
    return tensors


def as_floats(key: str, array: Stored, dtype: np.dtype[Any]) -> Array:
    """The array in the floating-point type `dtype`; raises RlxcError if it does not hold real numbers."""
    require_floats(key, array)
    return floats(array).astype(dtype, copy=False)


def require_floats(key: str, array: Stored) -> None:
    """Raise RlxcError if an array does not hold real numbers."""
    if array.dtype.kind != "f" and array.dtype != BFLOAT16:
        raise RlxcError(
            f"weight '{key}' holds {array.dtype}, expected floating-point numbers",
            hint="dequantize or convert it first",
        )


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
