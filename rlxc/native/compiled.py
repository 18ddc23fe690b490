"""A program that is compiled, as it is kept from run to run: a hit needs neither passes nor MLIR."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from xdsl.dialects.builtin import ModuleOp

from rlxc.native.codegen import host_target
from rlxc.native.collection import collection_paused
from rlxc.native.emit import DEFAULT_TOOLCHAIN
from rlxc.native.entry import loaded_symbols, thread_entry_code
from rlxc.native.fingerprint import fingerprint
from rlxc.native.function import NativeFunction
from rlxc.native.module_signature import read_signature
from rlxc.native.object_cache import keep, kept
from rlxc.native.signature import Signature
from rlxc.native.signature_text import from_json, to_json
from rlxc.native.toolchain import Toolchain, installed_version

HEAD = struct.Struct("<II")
"""The bytes of the signature and of the compressed texts; the object code comes after them."""


@dataclass(frozen=True)
class Lowered:
    """A module at the affine or the kernels level, and what its maker has to say of it."""

    module: ModuleOp
    account: str = ""


@dataclass(frozen=True)
class CompiledProgram:
    """The object code of a module for this machine, with what is needed to call it and to read it."""

    signature: Signature
    text: str
    object_code: bytes
    account: str = ""
    """What the maker of the module has said of it."""

    def load(self, toolchain: Toolchain = DEFAULT_TOOLCHAIN) -> NativeFunction:
        """The entry function."""
        library = toolchain.load_library(self.object_code, loaded_symbols(self.signature))
        return NativeFunction(self.signature, library)

    def to_bytes(self) -> bytes:
        """What `from_bytes` reads."""
        signature = to_json(self.signature).encode()
        texts = zlib.compress(json.dumps([self.text, self.account]).encode(), 1)
        return HEAD.pack(len(signature), len(texts)) + signature + texts + self.object_code

    @staticmethod
    def from_bytes(data: bytes) -> CompiledProgram:
        """The program that `to_bytes` has written."""
        first, second = HEAD.unpack_from(data)
        start, middle, end = HEAD.size, HEAD.size + first, HEAD.size + first + second
        signature = from_json(data[start:middle].decode())
        text, account = json.loads(zlib.decompress(data[middle:end]))
        return CompiledProgram(signature, text, data[end:], account)


Announce: TypeAlias = Callable[[Signature, str], None]
"""What is told the signature of a program, and what its maker says of it, before its code is there."""


def compiled_program(
    source: Sequence[str],
    lower: Callable[[], Lowered],
    toolchain: Toolchain = DEFAULT_TOOLCHAIN,
    announce: Announce = lambda _signature, _account: None,
) -> CompiledProgram:
    """The program that `lower` makes, from the cache of this user if it is there.

    `source` decides what `lower` makes, together with the code of rlxc.
    """
    target = host_target()
    machine = (target.triple, target.cpu, target.features)
    passes = (fingerprint(), installed_version("xdsl"))
    parts = ("program", *source, *passes, toolchain.identity(), *machine)
    if (found := kept(parts)) is None:
        program = compile_made(lower, toolchain, announce)
        keep(parts, program.to_bytes())
    else:
        program = CompiledProgram.from_bytes(found)
        announce(program.signature, program.account)
    return program


def compile_module(module: ModuleOp, toolchain: Toolchain) -> CompiledProgram:
    """A module at the affine or the kernels level, compiled for this machine."""
    return compile_made(lambda: Lowered(module), toolchain)


def compile_made(
    make: Callable[[], Lowered], toolchain: Toolchain, announce: Announce = lambda _signature, _account: None
) -> CompiledProgram:
    """What `make` makes, compiled for this machine. MLIR and LLVM are loaded meanwhile."""
    with toolchain.compiling() as compile_text:
        with collection_paused():
            made = make()
            signature, text, account = read_signature(made.module), str(made.module), made.account
        announce(signature, account)
        object_code = compile_text(text, thread_entry_code(signature))
    return CompiledProgram(signature, text, object_code, account)
