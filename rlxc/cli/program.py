"""The program that a subcommand works on: a file, a model, or MLIR from the standard input."""

from __future__ import annotations

from pathlib import Path

from rlxc.diagnostics.errors import UsageError
from rlxc.diagnostics.input import read_text
from rlxc.diagnostics.parse import parse_module
from rlxc.inspect.registry import make_context
from rlxc.runtime.generation.model_program import is_model, model_program
from rlxc.runtime.program import Program, load_program
from rlxc.runtime.program_parameters import param_specs
from rlxc.weights import WeightSource
from rlxc.weights.open import open_weights


def load_input(path: str, weights: str | None, config: str | None = None) -> Program:
    """The program in the file or model `path` (`-`: the standard input), with the weights that `weights` names.

    `config` is the JSON file with the numbers of a `.flow` file.
    Raises RlxcError, with the place, if either cannot be read or is malformed.
    """
    if path != "-" and not is_model(path):
        return load_program(path, weights_of(weights, path), config)
    if config is not None:
        raise UsageError("only .flow files take a config", hint="leave --config out")
    if path == "-":
        text, name = read_text(path)
        return load_program(parse_module(make_context(), text, name), weights_of(weights, path))
    program = model_program(path)
    return program if weights is None else load_program(program.module, weights_of(weights, path))


def weights_of(weights: str | None, path: str) -> str | WeightSource | None:
    """The weights that a user names for the program in a path.

    Those of a directory are the ones that the program of its model has, which may be parts of tensors, or rope
    tables; so are those of a GGUF file for MLIR that asks for what is not in it.
    """
    if weights is None or not is_model(weights):
        return weights
    if Path(weights).is_dir():
        return model_program(weights).weights if Path(weights, "config.json").exists() else weights
    if Path(path).suffix == ".mlir" and not has_all(open_weights(weights), path):
        return model_program(weights).weights
    return weights


def has_all(source: WeightSource, path: str) -> bool:
    """Whether a source has all the weights of the MLIR in a file."""
    module = parse_module(make_context(), *read_text(path))
    known = set(source.keys())
    return all(known.issuperset(spec.keys) for spec in param_specs(module))
