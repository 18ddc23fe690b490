"""What can be compiled: built flows, modules, and files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics import RlxcError, parse_module
from rlxc.diagnostics.input import read_text
from rlxc.flow import BuiltModel, load_flow
from rlxc.inspect.registry import make_context
from rlxc.weights import MappingWeights, WeightSource, as_source
from rlxc.weights.open import Weights

Source: TypeAlias = "BuiltModel | ModuleOp | str | os.PathLike[str]"
"""A built flow, a module at the rlx level, or the path of a `.mlir` or `.py` file."""


@dataclass(frozen=True)
class Program:
    """A module at the rlx level, and where its weights are."""

    module: ModuleOp
    weights: WeightSource


def load_program(source: Source, weights: Weights | None = None) -> Program:
    """The program in `source`; `weights` go before those that it brings along.

    A `.py` file defines `flow`, and perhaps `weights`. Raises RlxcError, with the place, if the
    source cannot be read or is malformed.
    """
    if isinstance(source, BuiltModel):
        held = MappingWeights(source.params, f"the built flow '{source.name}'")
        return Program(source.module, held if weights is None else as_source(weights))
    if isinstance(source, ModuleOp):
        return Program(source, as_source(weights))
    return load_file(Path(source), weights)


def load_file(file: Path, weights: Weights | None) -> Program:
    """The program in a file."""
    match file.suffix.lower():
        case ".mlir":
            return Program(parse_module(make_context(), *read_text(str(file))), as_source(weights))
        case ".py":
            loaded = load_flow(file)
            built = loaded.flow.build(loaded.weights if weights is None else weights)
            return load_program(built)
        case suffix:
            raise RlxcError(
                f"cannot compile '{file}': unknown file type '{suffix}'", hint="the name must end in .mlir or .py"
            )
