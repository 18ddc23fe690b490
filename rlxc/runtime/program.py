"""What can be compiled: built flows, modules, and files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics import RlxcError, parse_module
from rlxc.diagnostics.input import is_flow, read_text
from rlxc.dialects.rlx import ParamOp
from rlxc.flow import BuiltModel, ModelFlow, load_flow
from rlxc.inspect.calls import without_calls
from rlxc.inspect.registry import make_context
from rlxc.weights import MappingWeights, RandomWeights, WeightSource, as_source, random_seed
from rlxc.weights.open import Weights

if TYPE_CHECKING:
    from rlxc.runtime.text_program import Config

Source: TypeAlias = "BuiltModel | ModuleOp | str | os.PathLike[str]"
"""A built flow, a module at the rlx level, or the path of a `.mlir`, `.py` or `.flow` file."""


@dataclass(frozen=True)
class Program:
    """A module at the rlx level, and where its weights are."""

    module: ModuleOp
    weights: WeightSource


def load_program(source: Source, weights: Weights | None = None, config: Config | None = None) -> Program:
    """The program in `source`; `weights` go before those that it brings along.

    The weights `random:SEED` are drawn for the program. A `.py` file defines `flow`, and perhaps
    `weights`; a `.flow` file takes its numbers from `config`. Raises RlxcError, with the place, if the source
    cannot be read or is malformed.
    """
    if isinstance(source, BuiltModel):
        held = MappingWeights(source.params, f"the built flow '{source.name}'")
        return Program(source.module, held if weights is None else weights_for(source.module, weights))
    if isinstance(source, ModuleOp):
        return Program(source, weights_for(source, weights))
    try:
        file = Path(source)
    except TypeError:
        raise not_a_program(source) from None
    return load_file(file, weights, config)


def not_a_program(source: object) -> RlxcError:
    """The error for what cannot be compiled."""
    return RlxcError(
        f"a program is a built flow, a module or a path, got {type(source).__name__}",
        hint="build it first: flow.build(weights)" if isinstance(source, ModelFlow) else None,
    )


def load_file(file: Path, weights: Weights | None, config: Config | None) -> Program:
    """The program in a file."""
    if config is not None and not is_flow(file.name):
        raise RlxcError(f"'{file}' takes no config", hint="only .flow files do")
    match file.suffix.lower():
        case ".flow":
            from rlxc.runtime.text_program import build_text

            module = build_text(file, config, weights).module
            return Program(module, weights_for(module, weights))
        case ".mlir":
            module = parse_module(make_context(), *read_text(str(file)))
            return Program(module, weights_for(module, weights))
        case ".py":
            return load_python(file, weights)
        case suffix:
            raise RlxcError(
                f"cannot compile '{file}': unknown file type '{suffix}'",
                hint="the name must end in .mlir, .py or .flow",
            )


def load_python(file: Path, weights: Weights | None) -> Program:
    """The program of a file that defines `flow`. Its stages take their shapes from weights, which random ones lack."""
    loaded = load_flow(file)
    drawn = isinstance(weights, str) and random_seed(weights) is not None
    if drawn and loaded.weights is None:
        raise RlxcError(
            f"'{file}' defines no weights, and random ones have no shapes of their own",
            hint="define 'weights' in it, or give a weight file",
        )
    built = loaded.flow.build(loaded.weights if weights is None or drawn else weights)
    return load_program(built, weights if drawn else None)


def weights_for(module: ModuleOp, weights: Weights | None) -> WeightSource:
    """The source of the weights of a module."""
    seed = random_seed(weights) if isinstance(weights, str) else None
    if seed is None:
        return as_source(weights)
    return RandomWeights((op for op in without_calls(module).walk() if isinstance(op, ParamOp)), seed)
