"""The target `reference`: the meaning of the operations, one by one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike
from xdsl.dialects.builtin import Float64Type, ModuleOp, TensorType
from xdsl.utils.exceptions import InterpretationError
from xdsl.utils.hints import isa

from rlxc.diagnostics import RlxcError
from rlxc.dialects.rlx import ParamOp
from rlxc.dialects.rlx.reference import evaluate
from rlxc.runtime.arguments import Array, Value
from rlxc.runtime.parameters import LoadedParams


class ReferenceFunction:
    """Evaluates the program in `dtype`, its own floating-point type if None. The module is taken over."""

    source = ""

    def __init__(self, name: str, module: ModuleOp, params: LoadedParams, dtype: DTypeLike | None):
        self._name = name
        self._module = without_unused_params(module)
        self._params = params
        self._dtype = own_dtype(module) if dtype is None else np.dtype(dtype)
        for keys, transposed in params.specs:
            params.value(keys, transposed)

    def __call__(self, inputs: Sequence[Value]) -> tuple[Array, ...]:
        """The results for the inputs in order."""
        try:
            return evaluate(self._module, inputs, params=self._resolve, dtype=self._dtype)
        except (IndexError, InterpretationError) as error:
            raise RlxcError(f"{self._name}: {error}") from error

    def _resolve(self, op: ParamOp) -> Array:
        return self._params.value(op.key_names, op.transposed is not None)


def without_unused_params(module: ModuleOp) -> ModuleOp:
    """The module, changed: a parameter that nothing reads needs no weight, so there is none to evaluate it with."""
    for op in list(module.walk()):
        if isinstance(op, ParamOp) and not op.result.uses:
            op.detach()
            op.erase()
    return module


def own_dtype(module: ModuleOp) -> np.dtype[np.floating]:
    """float64 if any tensor of the program is, else float32."""
    types = (result.type for op in module.walk() for result in op.results)
    wide = any(isa(type_, TensorType) and isinstance(type_.element_type, Float64Type) for type_ in types)
    return np.dtype(np.float64 if wide else np.float32)
