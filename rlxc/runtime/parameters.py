"""The weights of a program, loaded once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from rlxc.weights import ParamSpec, WeightSource, check_shapes, load_param, load_stored
from rlxc.weights.bfloat16 import floats
from rlxc.weights.encoded import EncodedMatrix
from rlxc.weights.load import stored_tensors
from rlxc.weights.source import Array, Stored, release


class LoadedParams:
    """The values of the parameters `specs`, each loaded at most once, and not if it is one of `values` already."""

    def __init__(
        self,
        specs: Iterable[ParamSpec],
        source: WeightSource,
        values: dict[tuple[tuple[str, ...], bool], Array] | None = None,
    ):
        self.specs = {(spec.keys, spec.transposed): spec for spec in specs}
        self._source = source
        self._values = {} if values is None else values

    def spec(self, keys: tuple[str, ...], transposed: bool) -> ParamSpec:
        """The parameter, or a matrix whose transpose is one."""
        if (keys, transposed) in self.specs:
            return self.specs[keys, transposed]
        other = self.specs[keys, not transposed]
        return replace(other, transposed=transposed, shape=other.shape[::-1])

    def value(self, keys: tuple[str, ...], transposed: bool) -> Array:
        """The value of a parameter, C-contiguous."""
        identity = keys, transposed
        if identity not in self._values:
            self._values[identity] = load_param(self.specs[identity], self._source)
        return self._values[identity]

    def matrices(self, keys: tuple[str, ...], transposed: bool) -> list[Stored]:
        """The matrices `[K, N_i]` that stand side by side in the value: views of what is stored, in its type.

        They are not kept. `copy_floats` gives their values, and those of some columns.
        """
        stored = stored_tensors(self.spec(keys, transposed), self._source)
        return [stored[key].T if transposed else with_columns(stored[key]) for key in keys]

    def release(self, keys: tuple[str, ...]) -> None:
        """Say that what is stored under `keys` is not needed for now."""
        release(self._source, keys)

    def stored(self) -> dict[str, Array]:
        """All stored tensors by key, in the element type of their values."""
        tensors: dict[str, Array] = {}
        for spec in self.specs.values():
            tensors.update(load_stored(spec, self._source))
        return tensors


def with_columns(matrix: Stored) -> Stored:
    """A matrix as it is stored, unless that is row by row in an encoding."""
    return floats(matrix) if isinstance(matrix, EncodedMatrix) else matrix


def check_specs(specs: Iterable[ParamSpec], source: WeightSource) -> None:
    """Check each weight of a program: its shape, and its content where the program states it."""
    for spec in specs:
        check_shapes(spec, source)
        if spec.digest is not None:
            load_stored(spec, source)
