"""The weights of a program, loaded once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics import RlxcError
from rlxc.dialects.rlx import ParamOp
from rlxc.weights import ParamSpec, WeightSource, check_shapes, load_param, load_stored
from rlxc.weights.source import Array


class LoadedParams:
    """The values of the parameters `specs`, each loaded at most once."""

    def __init__(self, specs: Iterable[ParamSpec], source: WeightSource):
        self.specs = {(spec.keys, spec.transposed): spec for spec in specs}
        self._source = source
        self._values: dict[tuple[tuple[str, ...], bool], Array] = {}

    def value(self, keys: tuple[str, ...], transposed: bool) -> Array:
        """The value of a parameter, C-contiguous."""
        identity = keys, transposed
        if identity not in self._values:
            self._values[identity] = load_param(self.specs[identity], self._source)
        return self._values[identity]

    def matrices(self, keys: tuple[str, ...], transposed: bool) -> list[Array]:
        """The matrices `[K, N_i]` that stand side by side in the value: views of what is stored. They are not kept."""
        stored = load_stored(self.specs[keys, transposed], self._source)
        return [stored[key].T if transposed else stored[key] for key in keys]

    def resolve(self, op: ParamOp) -> Array:
        """The value of a parameter."""
        return self.value(op.key_names, op.transposed is not None)

    def stored(self) -> dict[str, Array]:
        """All stored tensors by key, in the element type of their values."""
        tensors: dict[str, Array] = {}
        for spec in self.specs.values():
            tensors.update(load_stored(spec, self._source))
        return tensors


def param_specs(module: ModuleOp) -> Iterator[ParamSpec]:
    """The parameters in use. Raises RlxcError if a weight is used with two element types."""
    dtypes: dict[str, np.dtype[np.floating]] = {}
    for op in module.walk():
        if not isinstance(op, ParamOp) or not op.result.uses:
            continue
        spec = ParamSpec.of(op)
        for key in spec.keys:
            if dtypes.setdefault(key, spec.dtype) != spec.dtype:
                raise RlxcError(f"weight '{key}' is used both as {dtypes[key]} and as {spec.dtype}")
        yield spec


def check_weights(module: ModuleOp, source: WeightSource) -> None:
    """Check each weight of the program as it is written: its shape, and its content where the program states it.

    A pass may join weights, so that their shapes agree in sum only, or drop one that equals another.
    """
    for spec in param_specs(module):
        check_shapes(spec, source)
        if spec.digest is not None:
            load_stored(spec, source)
