"""The forms in which a compiled program can be written."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.exceptions import DiagnosticException

from rlxc.diagnostics import RlxcError
from rlxc.inspect.ir_text import module_text
from rlxc.passes.pipelines import DEFAULT_KERNELS
from rlxc.runtime.account import Account
from rlxc.runtime.levels import Level

SUFFIXES = {".mlir": "fused", ".py": "numpy", ".ll": "ll", ".o": "obj", ".so": "so"}
"""The form that the extension of a file stands for."""

BINARY = ("obj", "so")
"""The forms that are not text."""

NATIVE = ("llvm", "ll", *BINARY)
"""The forms that MLIR and LLVM make: the LLVM dialect, LLVM IR, and machine code."""

_LEVELS: dict[str, Level] = {
    "rlx": "rlx",
    "fused": "fused",
    "linalg": "linalg",
    "numpy": "numpy",
    "kernels": "kernels",
    "obj": "kernels",
    "so": "kernels",
}


@dataclass(frozen=True)
class Files:
    """What to write: the result, and what goes with it: the C header, and the manifest of a library."""

    main: str | bytes
    header: str | None = None
    manifest: str | None = None


def level_of(form: str) -> Level:
    """The level that a form is made from."""
    return _LEVELS.get(form, "affine")


def kernels_of(form: str) -> str:
    """The kernel target that a form is made for: this machine where code is made, else the one that texts show."""
    if form not in BINARY:
        return DEFAULT_KERNELS
    from rlxc.native.host import host_kernels

    return host_kernels()


def emit(form: str, module: ModuleOp, account: Callable[[], Account]) -> Files:
    """A module at the level of `form`, in that form. Raises RlxcError if it cannot be made.

    `account` tells what a library says of the program.
    """
    if form == "numpy":
        return Files(numpy_code(module))
    if form in NATIVE:
        return native_code(form, module, account)
    return Files(module_text(module))


def numpy_code(module: ModuleOp) -> str:
    """The NumPy code of a module at the numpy level."""
    from rlxc.numpy_backend import emit_numpy

    try:
        return emit_numpy(module)
    except DiagnosticException as error:
        raise RlxcError(str(error)) from error


def native_code(form: str, module: ModuleOp, account: Callable[[], Account]) -> Files:
    """A module at the affine or the kernels level in one of the forms that MLIR and LLVM make."""
    from rlxc.native import (
        emit_header,
        emit_llvm,
        emit_llvm_dialect,
        emit_object,
        emit_shared,
        host_target,
        read_signature,
    )

    text = str(module)
    if form == "llvm":
        return Files(emit_llvm_dialect(text))
    if form == "ll":
        return Files(emit_llvm(text))
    signature = read_signature(module)
    header = emit_header(signature)
    if form == "obj":
        return Files(emit_object(text), header)
    from rlxc.native.manifest import Manifest
    from rlxc.native.toolchain import installed_version

    manifest = Manifest(signature, host_target(), kernels_of(form), installed_version("rlxc"), account().data())
    with tempfile.TemporaryDirectory() as directory:
        library = Path(directory) / "library.so"
        emit_shared(text, library, manifest)
        return Files(library.read_bytes(), header, manifest.readable())
