"""Object code for AArch64, run on this machine by an emulator that shares the memory of this process."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, cast

import numpy as np
from unicorn import arm64_const, unicorn_const
from unicorn.unicorn import Uc

from aarch64_linker import LinkedObjects
from rlxc.native.codegen import Target
from rlxc.native.compile_process import Compile
from rlxc.native.library import Library
from rlxc.native.toolchain import DefaultToolchain

NEOVERSE = Target("aarch64-unknown-linux-gnu", "neoverse-n1")

REGISTERS = tuple(getattr(arm64_const, f"UC_ARM64_REG_X{number}") for number in range(8))
"""Where the first arguments are passed. The others are on the stack, in 8 bytes each."""

STACK_BYTES = 1 << 20

BLOCK = 1 << 24
"""Memory is shared in blocks of so many bytes, when it is first touched."""

END = 0
"""Where functions return to."""

SYSTEM = {
    name: ctypes.CFUNCTYPE(ctypes.c_size_t, *[ctypes.c_size_t] * 3)((name, ctypes.CDLL(None)))
    for name in ("malloc", "free", "memcpy", "memmove", "memset")
}
"""The functions of this process that emulated code may call. Their arguments are three at most."""


class EmulatedToolchain(DefaultToolchain):
    """Compiles for AArch64, and emulates the code."""

    def compile_object(self, llvm_ir: str, target: Target | None = NEOVERSE) -> bytes:
        """See `Toolchain.compile_object`."""
        return super().compile_object(llvm_ir, target)

    def compiling(self, target: Target | None = NEOVERSE) -> AbstractContextManager[Compile]:
        """See `Toolchain.compiling`."""
        return super().compiling(target)

    def load_library(self, objects: Sequence[bytes], symbols: Iterable[str]) -> Library:
        """See `Toolchain.load_library`."""
        return EmulatedLibrary(objects)


class EmulatedLibrary(Library):
    """The functions of objects. They run on one thread."""

    def __init__(self, objects: Sequence[bytes]):
        self._object = LinkedObjects(objects)
        self._stack = np.zeros(STACK_BYTES // 8, np.int64)
        self._machine: Any = Uc(unicorn_const.UC_ARCH_ARM64, unicorn_const.UC_MODE_ARM, arm64_const.UC_CPU_ARM64_MAX)
        self._machine.hook_add(unicorn_const.UC_HOOK_MEM_UNMAPPED, share_block)
        missing = self._object.missing
        self._machine.hook_add(unicorn_const.UC_HOOK_CODE, call_system, missing, min(missing), max(missing))

    def address(self, symbol: str) -> int:
        """See `Library.address`."""
        return self._object.symbols[symbol]

    def function(self, symbol: str, result: type[Any] | None, *arguments: type[Any]) -> Any:
        """See `Library.function`. All arguments are whole numbers or pointers."""
        assert not {ctypes.c_float, ctypes.c_double} & {result, *arguments}

        def call(*values: Any) -> int:
            return self._run(self.address(symbol), [in_register(value) for value in values])

        return call

    def _run(self, address: int, values: Sequence[int]) -> int:
        on_stack = np.array(values[len(REGISTERS) :], np.int64)
        free = len(self._stack) - len(on_stack) & -2
        self._stack[free : free + len(on_stack)] = on_stack
        top = self._stack.ctypes.data + free * 8
        for register, value in zip(REGISTERS, values, strict=False):
            self._machine.reg_write(register, value)
        self._machine.reg_write(arm64_const.UC_ARM64_REG_SP, top)
        self._machine.reg_write(arm64_const.UC_ARM64_REG_LR, END)
        self._machine.emu_start(address, END)
        assert self._machine.reg_read(arm64_const.UC_ARM64_REG_SP) == top
        return self._machine.reg_read(REGISTERS[0])


def in_register(value: Any) -> int:
    """What a register holds of an argument: a number, or the address of an array."""
    return ctypes.addressof(cast(Any, value)) if isinstance(value, ctypes.Array) else getattr(value, "value", value)


def share_block(machine: Any, access: int, address: int, size: int, value: int, data: object) -> bool:
    """Let the emulator reach memory of this process at its own address."""
    start = address & -BLOCK
    machine.mem_map_ptr(start, BLOCK, unicorn_const.UC_PROT_ALL, start)
    return True


def call_system(machine: Any, address: int, size: int, missing: Mapping[int, str]) -> None:
    """Do what a function does that an object lacks. Its code only returns."""
    arguments = [machine.reg_read(register) for register in REGISTERS[:3]]
    machine.reg_write(REGISTERS[0], SYSTEM[missing[address]](*arguments))
