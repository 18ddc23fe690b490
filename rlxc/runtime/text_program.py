"""Programs from `.flow` files."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, TypeAlias, cast

from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics import RlxcError, SourceLocation
from rlxc.diagnostics.input import decoded, read_text
from rlxc.flow.built import BuiltModel
from rlxc.flow.language import FlowFromText, read_flow
from rlxc.models.flows import MODEL_STAGES, config_values
from rlxc.weights import as_source, random_seed
from rlxc.weights.open import Weights

Config: TypeAlias = "Mapping[str, Any] | str | os.PathLike[str]"
"""The values that a text names, or the JSON file that holds them."""


def build_text(file: Path, config: Config | None, weights: Weights | None) -> BuiltModel:
    """The flow of a file, built with weights of the shapes that it declares, or else with those that are given."""
    read = read_with_config(*read_text(str(file)), config)
    drawn = isinstance(weights, str) and random_seed(weights) is not None
    if weights is None or drawn or read.weights.keys():
        return read.flow.build(read.weights)
    return read.flow.build(as_source(weights))


def text_module(text: str, name: str, config: Config | None) -> ModuleOp:
    """The program that the text of the file `name` describes, with weights of the shapes that it declares."""
    read = read_with_config(text, name, config)
    return read.flow.build(read.weights).module


def flow_frontend(config: Config | None = None, name: str = "<flow>") -> Callable[[IO[bytes]], ModuleOp]:
    """What reads `.flow` files in a tool that is made of xDSL's `xDSLOptMain`; `name` is that of the file in errors.

    ```python
    class Opt(xDSLOptMain):
        def register_all_frontends(self):
            super().register_all_frontends()
            self.available_frontends["flow"] = rlxc.flow_frontend("config.json")
    ```
    """
    return lambda stream: text_module(decoded(stream.read(), name), name, config)


def read_with_config(text: str, name: str, config: Config | None) -> FlowFromText:
    """The flow of a text, which may name the stages of models too, with the numbers of a config."""
    values = None if config is None else config_values(read_config_file(config))
    return read_flow(text, name, values, MODEL_STAGES)


def read_config_file(config: Config) -> Mapping[str, Any]:
    """The values of a config. Raises RlxcError, with the place, if the file holds no JSON object."""
    if isinstance(config, Mapping):
        return config
    text, name = read_text(str(config))
    try:
        # An integer of too many digits is a ValueError; so is malformed JSON.
        values = cast(object, json.loads(text))
    except json.JSONDecodeError as error:
        place = SourceLocation(name, error.lineno, error.colno)
        raise RlxcError(
            f"not JSON: {error.msg}", location=place, source_line=text.split("\n")[error.lineno - 1]
        ) from error
    except (ValueError, RecursionError) as error:
        raise RlxcError(f"cannot read '{name}': {error}") from error
    if not isinstance(values, dict):
        raise RlxcError(f"'{name}' holds no JSON object", hint="give the config.json of a model")
    return cast("dict[str, Any]", values)
