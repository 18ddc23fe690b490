"""The native CPU target: affine loops to object code by MLIR and LLVM, called on NumPy arrays."""

from rlxc.native.codegen import Target, host_target
from rlxc.native.emit import build_function, emit_llvm, emit_llvm_dialect, emit_object, emit_shared
from rlxc.native.function import BoundFunction, NativeFunction
from rlxc.native.header import emit_header
from rlxc.native.signature import Signature, read_signature
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
