"""A module at the linalg level as the text of a Python module."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp

from rlxc.numpy_backend.function import FunctionPrinter
from rlxc.numpy_backend.generalize import generalize
from rlxc.numpy_backend.helpers import HELPERS, helper_texts, import_lines
from rlxc.numpy_backend.load_function import load_functions
from rlxc.numpy_backend.plan.storage import Storage
from rlxc.numpy_backend.taken_weights import TakenWeights, taken_weights
from rlxc.numpy_backend.text.names import unused
from rlxc.numpy_backend.vocabulary import require_vocabulary
from rlxc.passes.lowering.call_order import callees_first
from rlxc.passes.lowering.functions import entry_function, functions_of

TAKEN = frozenset((*HELPERS, "load", "blake2b"))
"""Names of the module that nothing of the program may have."""


def emit_numpy(module: ModuleOp) -> str:
    """A Python module that imports only NumPy, with the functions of `module` and `load(weights)`.

    The entry function takes its inputs in order, then `params`, the dictionary that `load` makes from
    a mapping of checkpoint keys to arrays. It returns an array, or a tuple of several, and raises
    ValueError where a run-time condition of the program does not hold. It writes to those of its arguments only that
    are donated.

    `module` is at the linalg level: its parameters are arguments with `rlx.keys` or `rlx.table`.
    Raises DiagnosticException for an operation that has no NumPy form.
    """
    module = generalize(module)
    entry, names = entry_function(module).sym_name.data, function_names(module)
    for function in functions_of(module):
        require_vocabulary(function)
    weights = taken_weights(module)
    helpers = {name for taken in weights.values() for parameter in taken.parameters for name in parameter.helpers}
    taken = {*names.values(), *TAKEN}
    loaders = load_functions(weights, names, entry, taken)
    bodies = list(_bodies(module, names, {*taken, *(one.name for one in loaders)}, weights, helpers))
    blocks = [
        *(text.splitlines() for text in helper_texts(helpers)),
        *(loader.lines() for loader in loaders),
        *bodies,
    ]
    return "\n".join(_module_lines(names[entry], import_lines(helpers), blocks))


def _bodies(
    module: ModuleOp,
    names: Mapping[str, str],
    taken: Container[str],
    weights: Mapping[str, TakenWeights],
    helpers: set[str],
) -> Iterator[list[str]]:
    """The functions, each after those that it calls."""
    called: dict[str, Storage] = {}
    for function in callees_first(module, reversed(_entry_first(module))):
        symbol = function.sym_name.data
        printer = FunctionPrinter(function, names, taken, helpers, weights.get(symbol), called)
        called[symbol] = printer.storage
        yield list(printer.lines())


def entry_name(module: ModuleOp) -> str:
    """The name of the entry function in the text that `emit_numpy` makes."""
    return function_names(module)[entry_function(module).sym_name.data]


def function_names(module: ModuleOp) -> dict[str, str]:
    """The Python name of each function, by symbol; different, and never that of anything else in the module."""
    names: dict[str, str] = {}
    for function in _entry_first(module):
        symbol = function.sym_name.data
        names[symbol] = unused(symbol, {*names.values(), *TAKEN})
    return names


def _entry_first(module: ModuleOp) -> list[FuncOp]:
    entry = entry_function(module)
    return sorted(functions_of(module), key=lambda function: function is not entry)


def _module_lines(entry: str, imports: list[str], blocks: list[list[str]]) -> Iterator[str]:
    yield f'"""The function `{entry}`, as NumPy code printed by rlxc."""'
    yield ""
    yield from imports
    for block in blocks:
        yield from ("", "", *block)
    yield ""
