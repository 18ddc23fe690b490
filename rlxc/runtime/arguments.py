"""Checking what a caller gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.native.abi import has_shape
from rlxc.runtime.signature import InputSpec, ScalarSpec, Signature, TensorSpec

Array = NDArray[Any]
Value: TypeAlias = "Array | int"

DTYPES: dict[str, np.dtype[Any]] = {
    "f32": np.dtype(np.float32),
    "f64": np.dtype(np.float64),
    "i1": np.dtype(np.bool_),
    "i8": np.dtype(np.int8),
    "i32": np.dtype(np.int32),
    "i64": np.dtype(np.int64),
    "index": np.dtype(np.int64),
}
"""The NumPy type of each element type."""


def bind_arguments(signature: Signature, args: Sequence[object], kwargs: Mapping[str, object]) -> list[Value]:
    """The values of the inputs in order, checked.

    Raises RlxcError if an input is missing, unknown or given twice, has another dtype or shape, or if
    a named size is not the same everywhere. Nothing is converted.
    """
    inputs = signature.inputs
    if kwargs or len(args) != len(inputs):
        given = by_name(signature, args, kwargs)
        args = [given[one.name] for one in inputs]
    values = [checked(signature.name, one, value) for one, value in zip(inputs, args, strict=True)]
    check_named_sizes(signature, values)
    return values


def by_name(signature: Signature, args: Sequence[object], kwargs: Mapping[str, object]) -> dict[str, object]:
    """The given values by input name; exactly one for each input."""
    names = signature.input_names
    listing = f"{', '.join(names)}" if names else "none"
    if len(args) > len(names):
        raise RlxcError(f"{signature.name} takes {len(names)} inputs ({listing}), got {len(args)}")
    given = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        if name not in names:
            raise RlxcError(
                f"{signature.name} has no input '{name}'{did_you_mean(name, names)}", hint=f"its inputs are: {listing}"
            )
        if name in given:
            raise RlxcError(f"{signature.name}: input '{name}' is given twice, by position and by name")
        given[name] = value
    if missing := [name for name in names if name not in given]:
        raise RlxcError(f"{signature.name}: input '{missing[0]}' is missing", hint=f"its inputs are: {listing}")
    return given


def checked(function: str, one: InputSpec, value: object) -> Value:
    """The value of one input."""
    if isinstance(one.type, ScalarSpec):
        return checked_scalar(function, one.name, one.type, value)
    return checked_array(function, one.name, one.type, value)


def checked_scalar(function: str, name: str, kind: ScalarSpec, value: object) -> int:
    """A whole number that fits."""
    if not isinstance(value, int | np.integer) or isinstance(value, bool):
        raise RlxcError(f"{function}: '{name}' must be a whole number, got {type(value).__name__}")
    number = int(cast(int, value))
    limit = 2 ** (8 * DTYPES[kind.element].itemsize - 1)
    if not -limit <= number < limit:
        raise RlxcError(f"{function}: '{name}' is {number}, which does not fit in {kind.element}")
    return number


def checked_array(function: str, name: str, kind: TensorSpec, value: object) -> Array:
    """An array of the right dtype, rank and fixed sizes."""
    if not isinstance(value, np.ndarray):
        raise RlxcError(
            f"{function}: '{name}' must be a NumPy array, got {type(value).__name__}",
            hint=f"convert it: np.asarray({name}, dtype=np.{DTYPES[kind.element].name})",
        )
    array = cast(Array, value)
    if array.dtype != DTYPES[kind.element]:
        raise RlxcError(
            f"{function}: '{name}' has dtype {array.dtype}, expected {DTYPES[kind.element]}",
            hint=f"convert it: {name}.astype(np.{DTYPES[kind.element].name})",
        )
    if not has_shape(array, kind.shape):
        expected = ", ".join(str(size) or "?" for size in kind.shape)
        raise RlxcError(f"{function}: '{name}' has shape {list(array.shape)}, expected [{expected}]")
    return array


def check_named_sizes(signature: Signature, values: Sequence[Value]) -> None:
    """Raise RlxcError if a size that several inputs name is not the same in all of them."""
    known: dict[str, tuple[int, str]] = {}
    for one, value in zip(signature.inputs, values, strict=True):
        if not isinstance(one.type, TensorSpec) or isinstance(value, int):
            continue
        for dim, size in zip(one.type.shape, value.shape, strict=True):
            if not isinstance(dim, str) or not dim:
                continue
            other, where = known.setdefault(dim, (size, one.name))
            if other != size:
                raise RlxcError(
                    f"{signature.name}: dimension '{dim}' is {other} in '{where}' but {size} in '{one.name}'"
                )
