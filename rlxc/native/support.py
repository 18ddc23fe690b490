"""What a shared library holds besides the program: the code around calls, and the manifest."""

from __future__ import annotations

from rlxc.native.calls.reader_code import READ, READER_CODE
from rlxc.native.codegen import compile_object
from rlxc.native.manifest import Manifest
from rlxc.native.threads.team_code import RUN, TEAM_CODE, WORK

MANIFEST = "_manifest"
"""What follows the name of the function in the name of the string that holds the manifest."""


def support_object(manifest: Manifest) -> bytes:
    """Object code that exports the manifest as `NAME_manifest`, what threads of a team run, and what reads arrays."""
    text = manifest_constant(f"{manifest.signature.name}{MANIFEST}", manifest.text())
    return compile_object(TEAM_CODE + READER_CODE + text, manifest.target, exported=(RUN, WORK, READ))


def manifest_constant(symbol: str, text: str) -> str:
    """LLVM IR of a string that ends with a zero byte.

    It is weak because every part of a module holds the globals of all of it.
    """
    data = text.encode() + b"\0"
    escaped = "".join(f"\\{byte:02X}" for byte in data)
    return f'@{symbol} = weak_odr constant [{len(data)} x i8] c"{escaped}"\n'
