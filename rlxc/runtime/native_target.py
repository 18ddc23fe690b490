"""The target `native`: machine code."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import ModuleOp

from rlxc.native import build_function
from rlxc.runtime.arguments import Array, Value
from rlxc.runtime.packing import parameter_values
from rlxc.runtime.parameters import LoadedParams


class NativeTarget:
    """Runs the machine code of a module at the affine level."""

    def __init__(self, module: ModuleOp, params: LoadedParams, num_threads: int):
        self.source = str(module)
        function = build_function(module)
        values = parameter_values(function.signature.parameters, params, num_threads)
        self._function = function.bind(values, num_threads)

    def __call__(self, inputs: Sequence[Value]) -> tuple[Array, ...]:
        """The results for the inputs in order. Raises RlxcError where a run-time condition does not hold."""
        return self._function(inputs)
