"""Where tensors come from: arrays in memory, safetensors, `.npz` and GGUF files.

Importing this package is cheap: what needs xDSL is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from rlxc.weights.digest import content_digest
from rlxc.weights.load import check_shapes, load_param, load_stored
from rlxc.weights.mapping import MappingWeights
from rlxc.weights.open import as_source, open_weights, random_seed
from rlxc.weights.source import WeightSource, require_key
from rlxc.weights.spec import ParamSpec

if TYPE_CHECKING:
    from rlxc.weights.program_specs import spec_of
    from rlxc.weights.random_weights import RandomWeights

__all__ = [
    "MappingWeights",
    "ParamSpec",
    "RandomWeights",
    "WeightSource",
    "as_source",
    "check_shapes",
    "content_digest",
    "load_param",
    "load_stored",
    "open_weights",
    "random_seed",
    "require_key",
    "spec_of",
]

_HOMES = {"RandomWeights": "rlxc.weights.random_weights", "spec_of": "rlxc.weights.program_specs"}
"""Name -> the module that defines it, which needs xDSL."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
