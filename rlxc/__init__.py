"""rlxc: a compiler for transformer models.

Importing it is cheap: what the names below stand for is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rlxc.diagnostics import RlxcError
    from rlxc.flow import BuiltModel, ModelFlow
    from rlxc.runtime.compile import compile
    from rlxc.runtime.compiled import CompiledFunction
    from rlxc.runtime.generation import Model, load_model
    from rlxc.runtime.levels import lower_to
    from rlxc.runtime.load import load
    from rlxc.runtime.text_program import flow_frontend

__all__ = [
    "BuiltModel",
    "CompiledFunction",
    "Model",
    "ModelFlow",
    "RlxcError",
    "compile",
    "flow_frontend",
    "load",
    "load_model",
    "lower_to",
]

_HOMES = {
    "BuiltModel": "rlxc.flow",
    "CompiledFunction": "rlxc.runtime.compiled",
    "Model": "rlxc.runtime.generation",
    "ModelFlow": "rlxc.flow",
    "RlxcError": "rlxc.diagnostics",
    "compile": "rlxc.runtime.compile",
    "flow_frontend": "rlxc.runtime.text_program",
    "load": "rlxc.runtime.load",
    "load_model": "rlxc.runtime.generation",
    "lower_to": "rlxc.runtime.levels",
}
"""Name -> the module or package that defines it."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
