"""The native CPU target: affine loops to object code by MLIR and LLVM, called on NumPy arrays.

Importing this package is cheap: what the names below stand for is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rlxc.native.codegen import Target, host_target
    from rlxc.native.emit import build_function, emit_llvm, emit_llvm_dialect, emit_object, emit_shared
    from rlxc.native.function import BoundFunction, NativeFunction
    from rlxc.native.header import emit_header
    from rlxc.native.module_signature import read_signature
    from rlxc.native.signature import Signature
    from rlxc.native.toolchain import DefaultToolchain, Toolchain

__all__ = [
    "BoundFunction",
    "DefaultToolchain",
    "NativeFunction",
    "Signature",
    "Target",
    "Toolchain",
    "build_function",
    "emit_header",
    "emit_llvm",
    "emit_llvm_dialect",
    "emit_object",
    "emit_shared",
    "host_target",
    "read_signature",
]

_HOMES = {
    "BoundFunction": "function",
    "DefaultToolchain": "toolchain",
    "NativeFunction": "function",
    "Signature": "signature",
    "Target": "codegen",
    "Toolchain": "toolchain",
    "build_function": "emit",
    "emit_header": "header",
    "emit_llvm": "emit",
    "emit_llvm_dialect": "emit",
    "emit_object": "emit",
    "emit_shared": "emit",
    "host_target": "codegen",
    "read_signature": "module_signature",
}
"""Name -> the module that defines it."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
