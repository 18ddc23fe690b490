"""The program that a subcommand works on: a file, a model, or MLIR from the standard input."""

from __future__ import annotations

from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics.errors import UsageError
from rlxc.diagnostics.input import read_text
from rlxc.diagnostics.parse import parse_module
from rlxc.inspect.registry import make_context
from rlxc.runtime.program import Program, load_program
from rlxc.runtime.program_parameters import param_specs
from rlxc.weights import WeightSource
from rlxc.weights.open import open_weights


def is_model(path: str) -> bool:
    """Whether a path is that of a model, and not of a program."""
    return path != "-" and (Path(path).is_dir() or Path(path).suffix.lower() == ".gguf")


def load_input(path: str, weights: str | None, config: str | None = None) -> Program:
    """The program in the file or model `path` (`-`: the standard input), with the weights that `weights` names.

    `config` is the JSON file with the numbers of a `.flow` file.
    Raises RlxcError, with the place, if either cannot be read or is malformed.
    """
    if config is not None and (path == "-" or is_model(path)):
        raise UsageError("only .flow files take a config", hint="leave --config out")
    if is_model(path):
        program = program_of_model(path)
        return program if weights is None else load_program(program.module, weights_of(weights))
    if config is None and (path == "-" or Path(path).suffix.lower() == ".mlir"):
        module = parse_module(make_context(), *read_text(path))
        return load_program(module, weights_of(weights, module))
    return load_program(path, weights_of(weights), config)


def program_of_model(path: str) -> Program:
    """The program of a model. What is needed for that is loaded here: other programs do without it."""
    from rlxc.runtime.generation.model_program import model_program

    return model_program(path)


def weights_of(weights: str | None, module: ModuleOp | None = None) -> str | WeightSource | None:
    """The weights that a user names for a program.

    Those of a directory are the ones that the program of its model has, which may be parts of tensors, or rope
    tables; so are those of a GGUF file for a `module` that asks for what is not in it.
    """
    if weights is None or not is_model(weights):
        return weights
    if Path(weights).is_dir():
        return program_of_model(weights).weights if Path(weights, "config.json").exists() else weights
    if module is not None and not has_all(open_weights(weights), module):
        return program_of_model(weights).weights
    return weights


def has_all(source: WeightSource, module: ModuleOp) -> bool:
    """Whether a source has all the weights of a program."""
    known = set(source.keys())
    return all(known.issuperset(spec.keys) for spec in param_specs(module))
