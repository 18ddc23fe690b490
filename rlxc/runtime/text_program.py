"""Programs from `.flow` files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias, cast

from rlxc.diagnostics import RlxcError, SourceLocation
from rlxc.diagnostics.input import read_text
from rlxc.flow.built import BuiltModel
from rlxc.flow.language import read_flow
from rlxc.models.flows import MODEL_STAGES, config_values
from rlxc.weights import as_source, random_seed
from rlxc.weights.open import Weights

Config: TypeAlias = "Mapping[str, Any] | str | os.PathLike[str]"
"""The values that a text names, or the JSON file that holds them."""


def build_text(file: Path, config: Config | None, weights: Weights | None) -> BuiltModel:
    """The flow of a file, built with weights of the shapes that it declares, or else with those that are given."""
    values = None if config is None else config_values(read_config_file(config))
    read = read_flow(*read_text(str(file)), values, MODEL_STAGES)
    drawn = isinstance(weights, str) and random_seed(weights) is not None
    if weights is None or drawn or read.weights.keys():
        return read.flow.build(read.weights)
    return read.flow.build(as_source(weights))


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
