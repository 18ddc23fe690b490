"""The target `numpy`: the printed NumPy module, executed."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, cast

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.cf import AssertOp
from xdsl.utils.exceptions import DiagnosticException

from rlxc.diagnostics import RlxcError
from rlxc.numpy_backend import emit_numpy, entry_name
from rlxc.passes.lowering.argument_names import input_names
from rlxc.passes.lowering.functions import entry_function
from rlxc.runtime.arguments import Array, Value
from rlxc.runtime.donated import DonatedInputs
from rlxc.runtime.parameters import LoadedParams

_numbers = count(1)


class NumpyFunction:
    """Runs the NumPy code of a module at the numpy level. Its lines show up in tracebacks."""

    def __init__(self, name: str, module: ModuleOp, params: LoadedParams):
        try:
            self.source = emit_numpy(module)
        except DiagnosticException as error:
            raise RlxcError(str(error)) from error
        variables = executed(self.source, f"<numpy code of {name}, {next(_numbers)}>")
        self._name, entry = name, entry_function(module)
        self._donated = DonatedInputs(entry, input_names(entry))
        self._checks = {op.msg.data for op in module.walk() if isinstance(op, AssertOp)}
        self._function: Callable[..., Any] = variables[entry_name(module)]
        self._params = variables["load"](params.stored())

    def __call__(self, inputs: Sequence[Value]) -> tuple[Array, ...]:
        """The results for the inputs in order. Raises RlxcError where a run-time condition does not hold."""
        self._donated.check(inputs)
        try:
            results = self._function(*inputs, self._params)
        except ValueError as error:
            if str(error) not in self._checks:
                raise
            raise RlxcError(f"{self._name}: {error}") from error
        if results is None:
            return ()
        return cast("tuple[Array, ...]", results) if isinstance(results, tuple) else (results,)


def executed(source: str, file_name: str) -> dict[str, Any]:
    """The variables of a printed module."""
    linecache.cache[file_name] = (len(source), None, source.splitlines(keepends=True), file_name)
    variables: dict[str, Any] = {"__name__": file_name}
    exec(compile(source, file_name, "exec"), variables)
    return variables
