"""The target `native`: machine code."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from rlxc.dialects.rlx import TableKind
from rlxc.dialects.rlx.reference import rope_table
from rlxc.native import build_function
from rlxc.native.signature import Parameter, RopeTable
from rlxc.runtime.arguments import DTYPES, Array, Value
from rlxc.runtime.parameters import LoadedParams


class NativeTarget:
    """Runs the machine code of a module at the affine level."""

    def __init__(self, module: ModuleOp, params: LoadedParams, num_threads: int):
        self.source = str(module)
        function = build_function(module)
        values = [parameter_value(one, params) for one in function.signature.parameters]
        self._function = function.bind(values, num_threads)

    def __call__(self, inputs: Sequence[Value]) -> tuple[Array, ...]:
        """The results for the inputs in order. Raises RlxcError where a run-time condition does not hold."""
        return self._function(inputs)


def parameter_value(parameter: Parameter, params: LoadedParams) -> Array:
    """The array of a parameter."""
    origin = parameter.origin
    if not isinstance(origin, RopeTable):
        return params.value(origin.keys, origin.transposed)
    positions, pairs = (int(size) for size in parameter.type.shape)
    values = rope_table(TableKind(origin.function), origin.theta, positions, pairs)
    return np.ascontiguousarray(values, DTYPES[parameter.type.element])
