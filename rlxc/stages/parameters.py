"""The weights that a flow has asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import AnyFloat, TensorType
from xdsl.ir import SSAValue

from rlxc.diagnostics import RlxcError
from rlxc.dialects.rlx import ParamOp
from rlxc.weights import WeightSource, content_digest, require_key
from rlxc.weights.load import as_floats
from rlxc.weights.source import Array


class Parameters:
    """Weights by key, in the element type of the flow, and the values made of them by key and orientation."""

    def __init__(self, source: WeightSource, element_type: AnyFloat):
        self.source = source
        self.element_type = element_type
        self.arrays: dict[str, Array] = {}
        self._values: dict[tuple[tuple[str, ...], bool], SSAValue] = {}

    def value(self, keys: Sequence[str], transposed: bool) -> SSAValue | None:
        """The value of weights in an orientation, if there is one already."""
        return self._values.get((tuple(keys), transposed))

    def remember(self, op: ParamOp) -> None:
        """Keep the value of an operation that has been emitted."""
        self._values[op.key_names, op.transposed is not None] = op.result

    def load(self, key: str, field: str) -> Array:
        """A weight, as stored, in the element type of the flow."""
        if key not in self.arrays:
            require_key(self.source, key, needed_by=field)
            dtype = np.dtype(f"f{self.element_type.size}")
            self.arrays[key] = as_floats(key, self.source.get(key), dtype)
        return self.arrays[key]

    def make(
        self,
        keys: Sequence[str],
        *,
        field: str,
        shape: Sequence[int | None] | None,
        transposed: bool,
        digest: str | None = None,
    ) -> ParamOp:
        """The operation for a weight of the source, or for several of one shape side by side."""
        first, *others = keys
        found = self.load(first, field).shape
        check_shape(first, found, shape, field)
        for key in others:
            check_shape(key, self.load(key, field).shape, found, field)
        if transposed and len(found) != 2:
            raise RlxcError(f"{field}: weight '{first}' has shape {list(found)}, only a matrix can be transposed")
        sizes = list(reversed(found) if transposed else found)
        if others:
            sizes[-1] *= len(keys)
        return ParamOp(keys, TensorType(self.element_type, sizes), transposed=transposed, digest=digest)

    def make_from_array(self, key: str, array: Array) -> ParamOp:
        """The operation for an array that is kept under `key`."""
        dtype = np.dtype(f"f{self.element_type.size}")
        stored = np.ascontiguousarray(as_floats(key, array, dtype))
        if not np.array_equal(self.arrays.setdefault(key, stored), stored):
            raise RlxcError(
                f"there is another parameter '{key}' already", hint="use NamedRopeTables for a second pair of tables"
            )
        return ParamOp([key], TensorType(self.element_type, stored.shape))

    def shared_digest(self, key: str, other: str, field: str, other_field: str) -> str | None:
        """The digest of two weights with equal content; None if they differ or are one."""
        if key == other:
            return None
        array, other_array = self.load(key, field), self.load(other, other_field)
        return content_digest(array) if np.array_equal(array, other_array) else None


def check_shape(key: str, found: tuple[int, ...], expected: Sequence[int | None] | None, field: str) -> None:
    """Raise RlxcError unless the shapes agree; a size of None is free."""
    if expected is None:
        return
    if len(found) == len(expected) and all(e in (None, f) for e, f in zip(expected, found, strict=True)):
        return
    sizes = ", ".join("any" if size is None else str(size) for size in expected)
    raise RlxcError(
        f"{field}: weight '{key}' has shape {list(found)}, expected [{sizes}]",
        hint=f"correct the stage's sizes, or name another weight in {field}",
    )


def param_hint(key: str) -> str:
    """A readable name for the value of a weight: `q_proj_weight` for `model.layers.0.self_attn.q_proj.weight`."""
    name = re.sub(r"\W+", "_", "_".join(key.split(".")[-2:]), flags=re.ASCII).strip("_")
    return name if name and not name[0].isdigit() else f"param_{name}"
