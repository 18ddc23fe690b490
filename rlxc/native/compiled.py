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
from rlxc.native.compile_process import divided
from rlxc.native.emit import DEFAULT_TOOLCHAIN
from rlxc.native.entry import loaded_symbols, thread_entry_code
from rlxc.native.fingerprint import fingerprint
from rlxc.native.function import NativeFunction
from rlxc.native.module_parts import printed_parts
from rlxc.native.module_signature import read_signature
from rlxc.native.object_cache import keep, kept
from rlxc.native.signature import Signature
from rlxc.native.signature_text import from_json, to_json
from rlxc.native.toolchain import Toolchain, installed_version

HEAD = struct.Struct("<II")
"""The bytes of the signature and of the compressed texts; the objects come after them."""


@dataclass(frozen=True)
class Lowered:
    """A module at the affine or the kernels level, and what its maker has to say of it."""

    module: ModuleOp
    account: str = ""


@dataclass(frozen=True)
class CompiledProgram:
    """The objects of a module for this machine, with what is needed to call it and to read it."""

    signature: Signature
    text: str
    objects: Sequence[bytes]
    account: str = ""
    """What the maker of the module has said of it."""

    def load(self, toolchain: Toolchain = DEFAULT_TOOLCHAIN) -> NativeFunction:
        """The entry function."""
        library = toolchain.load_library(self.objects, loaded_symbols(self.signature))
        return NativeFunction(self.signature, library)

    def to_bytes(self) -> bytes:
        """What `from_bytes` reads."""
        signature = to_json(self.signature).encode()
        texts = zlib.compress(json.dumps([self.text, self.account, list(map(len, self.objects))]).encode(), 1)
        return b"".join((HEAD.pack(len(signature), len(texts)), signature, texts, *self.objects))

    @staticmethod
    def from_bytes(data: bytes) -> CompiledProgram:
        """The program that `to_bytes` has written."""
        first, second = HEAD.unpack_from(data)
        start, middle, end = HEAD.size, HEAD.size + first, HEAD.size + first + second
        signature = from_json(data[start:middle].decode())
        text, account, sizes = json.loads(zlib.decompress(data[middle:end]))
        return CompiledProgram(signature, text, divided(data[end:], sizes), account)


ProgramKey: TypeAlias = tuple[str, ...]
"""What decides a program, together with the code of rlxc, xDSL, MLIR and LLVM, and the machine."""


def program_key(source: Sequence[str], toolchain: Toolchain = DEFAULT_TOOLCHAIN) -> ProgramKey:
    """What the program that is made from `source` is kept under."""
    target = host_target()
    machine = (target.triple, target.cpu, target.features)
    passes = (fingerprint(), installed_version("xdsl"))
    return ("program", *source, *passes, toolchain.identity(), *machine)


def kept_program(key: ProgramKey) -> CompiledProgram | None:
    """The program that this user has compiled before."""
    found = kept(key)
    return None if found is None else CompiledProgram.from_bytes(found)


def compile_and_keep(
    key: ProgramKey, lower: Callable[[], Lowered], toolchain: Toolchain = DEFAULT_TOOLCHAIN
) -> CompiledProgram:
    """The program that `lower` makes, from now on kept under `key`."""
    program = compile_made(lower, toolchain)
    keep(key, program.to_bytes())
    return program


def compile_module(module: ModuleOp, toolchain: Toolchain) -> CompiledProgram:
    """A module at the affine or the kernels level, compiled for this machine."""
    return compile_made(lambda: Lowered(module), toolchain)


def compile_made(make: Callable[[], Lowered], toolchain: Toolchain) -> CompiledProgram:
    """What `make` makes, compiled for this machine. MLIR and LLVM are loaded meanwhile."""
    with toolchain.compiling() as compile_parts:
        with collection_paused():
            made = make()
            signature = read_signature(made.module)
            text, parts = printed_parts(made.module, thread_entry_code(signature))
        objects = compile_parts(parts)
    return CompiledProgram(signature, text, objects, made.account)
