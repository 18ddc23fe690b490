"""The packages of the extra `rlxc[native]`, imported only when they are needed."""

from __future__ import annotations

import importlib
from typing import Any

from rlxc.diagnostics import RlxcError

NATIVE_HINT = "pip install 'rlxc[native]'"


def llvmlite_binding() -> Any:
    """The module `llvmlite.binding`. It is untyped, hence `Any`."""
    try:
        return importlib.import_module("llvmlite.binding")
    except ImportError as error:
        raise RlxcError(f"the native target needs llvmlite: {error}", hint=NATIVE_HINT) from error
