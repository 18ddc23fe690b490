"""From stored tensors to the values of `rlx.param`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from xdsl.dialects.builtin import AnyFloat
from xdsl.ir import Use
from xdsl.utils.hints import isa

from rlxc.diagnostics import RlxcError
from rlxc.dialects.rlx import AttentionOp, ParamOp, RopeOp
from rlxc.weights.digest import content_digest
from rlxc.weights.source import Array, WeightSource, require_key


@dataclass(frozen=True)
class ParamSpec:
    """What a parameter is: which stored tensors, how they are combined, and what must come out.

    `shape` and `dtype` are those of the value. With `transposed` each stored tensor is
    `[N, K]` and the value `[K, N]`. Several keys are concatenated on the last axis of the
    value. `digest` is the `content_digest` of the stored content in `dtype`. A `table` (of
    cosines or sines) must be finite.
    """

    keys: tuple[str, ...]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    transposed: bool = False
    digest: str | None = None
    table: bool = False

    @staticmethod
    def of(op: ParamOp) -> ParamSpec:
        """The parameter that an operation stands for."""
        element_type = op.result.type.element_type
        if not isa(element_type, AnyFloat):
            raise RlxcError(f"weight '{op.key_names[0]}' has elements of type {element_type}, expected f32 or f64")
        return ParamSpec(
            op.key_names,
            op.result.type.get_shape(),
            np.dtype(f"f{element_type.size}"),
            transposed=op.transposed is not None,
            digest=None if op.digest is None else op.digest.data,
            table=any(map(is_table_use, op.result.uses)),
        )

    @property
    def stored_shape(self) -> tuple[int, ...]:
        """The shape of the stored tensor, or of all of them concatenated."""
        return tuple(reversed(self.shape)) if self.transposed else self.shape

    @property
    def stored_axis(self) -> int:
        """The axis of the stored tensors on which several are concatenated."""
        return 0 if self.transposed else len(self.shape) - 1


def load_param(param: ParamSpec | ParamOp, source: WeightSource) -> Array:
    """The value of a parameter, C-contiguous.

    Raises RlxcError, naming the key and what was expected and found, if a tensor is missing
    or has another shape, if it does not hold real numbers, if its content is not what the
    digest says, or if a rope table holds NaN or infinity.
    """
    spec = ParamSpec.of(param) if isinstance(param, ParamOp) else param
    stored = list(load_stored(spec, source).values())
    joined = stored[0] if len(stored) == 1 else np.concatenate(stored, axis=spec.stored_axis)
    return np.ascontiguousarray(joined.T if spec.transposed else joined)


def load_stored(param: ParamSpec | ParamOp, source: WeightSource) -> dict[str, Array]:
    """The stored tensors of a parameter by key, in the element type of the value; checked as `load_param` does."""
    spec = ParamSpec.of(param) if isinstance(param, ParamOp) else param
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


def is_table_use(use: Use) -> bool:
    """Whether a value is used as a table of cosines or sines."""
    operation = use.operation
    if not isinstance(operation, AttentionOp | RopeOp):
        return False
    return operation.operands[use.index] in (operation.cos, operation.sin)


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
