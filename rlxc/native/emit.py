"""From a module at the affine or kernels level to the LLVM dialect, LLVM IR, an object, a library, a function."""

from __future__ import annotations

from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from rlxc.native.codegen import Target, host_target
from rlxc.native.entry import loaded_symbols, thread_entry_code
from rlxc.native.function import NativeFunction
from rlxc.native.manifest import Manifest
from rlxc.native.module_signature import read_signature
from rlxc.native.object_cache import cached
from rlxc.native.support import support_object
from rlxc.native.toolchain import DefaultToolchain, Toolchain

DEFAULT_TOOLCHAIN: Toolchain = DefaultToolchain()


def emit_llvm(mlir_text: str, toolchain: Toolchain = DEFAULT_TOOLCHAIN) -> str:
    """LLVM IR text of a module at the affine or kernels level."""
    return toolchain.lower(mlir_text)


def emit_llvm_dialect(mlir_text: str, toolchain: Toolchain = DEFAULT_TOOLCHAIN) -> str:
    """MLIR text in the LLVM dialect of a module at the affine or kernels level."""
    return toolchain.lower_to_dialect(mlir_text)


def emit_object(mlir_text: str, target: Target | None = None, toolchain: Toolchain = DEFAULT_TOOLCHAIN) -> bytes:
    """Object code of a module at the affine or kernels level, for `target` or for this machine."""
    return compiled(mlir_text, "", target, toolchain)


def emit_shared(
    mlir_text: str, path: Path, manifest: Manifest | None = None, toolchain: Toolchain = DEFAULT_TOOLCHAIN
) -> None:
    """Write a module at the affine or kernels level as a shared library for this machine.

    With a manifest, `rlxc.load` can read it.
    """
    if manifest is None:
        objects = [emit_object(mlir_text, toolchain=toolchain)]
    else:
        thread_entry = thread_entry_code(manifest.signature)
        objects = [compiled(mlir_text, thread_entry, manifest.target, toolchain), support_object(manifest)]
    toolchain.link_shared(objects, path)


def build_function(module: ModuleOp, toolchain: Toolchain = DEFAULT_TOOLCHAIN) -> NativeFunction:
    """The entry function of a module at the affine or kernels level, compiled and loaded."""
    signature = read_signature(module)
    object_code = compiled(str(module), thread_entry_code(signature), None, toolchain)
    return NativeFunction(signature, toolchain.load_library([object_code], loaded_symbols(signature)))


def compiled(text: str, more_llvm_ir: str, target: Target | None, toolchain: Toolchain) -> bytes:
    """Object code of a module and more LLVM IR, from the cache of this user if it is there."""
    target = target or host_target()
    parts = (toolchain.identity(), target.triple, target.cpu, target.features, text, more_llvm_ir)
    return cached(parts, lambda: toolchain.compile_object(toolchain.lower(text) + more_llvm_ir, target))
