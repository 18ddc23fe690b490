"""Shared libraries that rlxc has made: what they say of themselves, and their functions.

Neither xDSL nor MLIR nor LLVM is needed here.
"""

from __future__ import annotations

import ctypes
import json
import tempfile
from pathlib import Path
from typing import Any

from rlxc.diagnostics import RlxcError
from rlxc.native.machine import machine_problem
from rlxc.native.manifest import START, Manifest, read_manifest

ELF = b"\x7fELF"
MACH_O = b"\xcf\xfa\xed\xfe"
"""How shared libraries begin on Linux and on macOS."""

MANIFEST_FILE = ".json"
"""The extension of the copy of the manifest beside a library."""

COMPILE = "make one with 'rlxc compile PROGRAM -o LIBRARY.so'"
COMPILE_AGAIN = "compile the program again"


class SharedLibrary:
    """The functions of a shared library. They stay in memory until the process ends, as of all libraries."""

    def __init__(self, path: Path):
        # The loader knows libraries by name, and would take one that has been replaced since for the new one.
        with tempfile.TemporaryDirectory(prefix="rlxc-") as directory:
            alias = Path(directory, path.name)
            alias.symlink_to(path.resolve())
            try:
                self._library = ctypes.CDLL(str(alias))
            except OSError as error:
                raise unloadable(path, str(error).replace(str(alias), str(path)), COMPILE_AGAIN) from error
        self._path = path

    def address(self, symbol: str) -> int:
        """Where `symbol` lies."""
        try:
            return ctypes.cast(self._library[symbol], ctypes.c_void_p).value or 0
        except AttributeError as error:
            raise unloadable(self._path, f"it has no function '{symbol}'", COMPILE_AGAIN) from error

    def function(self, symbol: str, result: type[Any] | None, *arguments: type[Any]) -> Any:
        """`symbol` as a ctypes function, which releases the GIL while it runs."""
        return ctypes.CFUNCTYPE(result, *arguments)(self.address(symbol))


def library_manifest(path: Path) -> Manifest:
    """The manifest of the library at `path`, which this machine can run.

    The code is not loaded for that. Raises RlxcError if it is no library of rlxc, if it is for another machine, or if
    the copy of the manifest beside it says something else.
    """
    data = library_bytes(path)
    start = data.find(START)
    if start < 0:
        raise unloadable(path, "it was not made by rlxc, or by a version that wrote no manifest", COMPILE)
    text = data[start : data.find(b"\0", start)]
    try:
        manifest = read_manifest(text)
    except RlxcError as error:
        raise unloadable(path, error.message, error.hint) from error
    if (problem := machine_problem(manifest.target)) is not None:
        raise unloadable(path, problem, "compile the program on this machine")
    require_same(path, text)
    return manifest


def library_bytes(path: Path) -> bytes:
    """The content of a file that looks like a whole shared library."""
    if not path.is_file():
        problem = "it is a directory" if path.is_dir() else "there is no such file"
        raise unloadable(path, problem, "give the path of a library that rlxc has made")
    try:
        with path.open("rb") as stream:
            start = stream.read(len(ELF))
            data = start + stream.read() if start in (ELF, MACH_O) else b""
    except OSError as error:
        raise unloadable(path, error.strerror or str(error), "check that the file can be read") from error
    if not data:
        raise unloadable(path, "it is not a shared library", COMPILE)
    if start == ELF and not is_whole(data):
        raise unloadable(path, "it is incomplete", COMPILE_AGAIN)
    return data


def is_whole(data: bytes) -> bool:
    """Whether an ELF file of 64 bits, little-endian, has all of its last part, the table of sections.

    The loader maps what is missing all the same, and the process dies when it is touched.
    """
    if len(data) < 64:
        return False
    start = int.from_bytes(data[40:48], "little")
    size, count = (int.from_bytes(data[at : at + 2], "little") for at in (58, 60))
    return start + size * count <= len(data)


def require_same(path: Path, text: bytes) -> None:
    """Raise RlxcError if there is a copy of the manifest beside a library, and it is another one."""
    copy = path.with_suffix(MANIFEST_FILE)
    try:
        same = json.loads(copy.read_bytes()) == json.loads(text)
    except OSError:
        return
    except ValueError:
        same = False
    if not same:
        raise RlxcError(
            f"'{copy}' is not the manifest of '{path}'",
            hint="it is a copy, which changes nothing: remove it, or compile the program again",
        )


def unloadable(path: Path, problem: str, hint: str | None) -> RlxcError:
    """The error for a file that cannot be loaded."""
    return RlxcError(f"cannot load '{path}': {problem}", hint=hint)
