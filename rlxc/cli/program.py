"""The program that a subcommand works on: a file, or MLIR from the standard input."""

from __future__ import annotations

from rlxc.diagnostics.errors import UsageError
from rlxc.diagnostics.input import read_text
from rlxc.diagnostics.parse import parse_module
from rlxc.inspect.registry import make_context
from rlxc.runtime.program import Program, load_program


def load_input(path: str, weights: str | None, config: str | None = None) -> Program:
    """The program in the file `path` (`-`: the standard input), with the weights that `weights` names.

    `config` is the JSON file with the numbers of a `.flow` file.
    Raises RlxcError, with the place, if either cannot be read or is malformed.
    """
    if path != "-":
        return load_program(path, weights, config)
    if config is not None:
        raise UsageError("MLIR takes no config", hint="give a .flow file, or leave --config out")
    text, name = read_text(path)
    return load_program(parse_module(make_context(), text, name), weights)
