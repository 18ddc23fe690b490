"""LLVM IR to object code: what is exported, other machines, and errors."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest

from rlxc.diagnostics import RlxcError
from rlxc.native import DefaultToolchain, Target, emit_llvm, emit_object, host_target
from rlxc.native.codegen import compile_object

ADD_ONE = """
define float @_mlir_ciface_add_one(float %x) {
  %y = call float @add_one(float %x)
  ret float %y
}
define float @add_one(float %x) {
  %y = fadd float %x, 1.0
  ret float %y
}
"""

ELF_MACHINE = 18
"""Where an ELF header holds the number of the machine."""


@pytest.mark.parametrize(
    ("target", "machine"),
    [
        (Target("x86_64-unknown-linux-gnu", "x86-64-v3"), 62),
        (Target("x86_64-unknown-linux-gnu", "skylake-avx512"), 62),
        (Target("aarch64-unknown-linux-gnu", "neoverse-n1"), 183),
    ],
)
def test_object_for_another_machine(affine_text: Callable[[str], str], target: Target, machine: int) -> None:
    object_code = emit_object(affine_text("gated_linear"), target)
    assert object_code[:4] == b"\x7fELF"
    assert struct.unpack_from("<H", object_code, ELF_MACHINE) == (machine,)


def test_only_the_c_interface_is_exported() -> None:
    object_code = compile_object(ADD_ONE)
    assert b"\0_mlir_ciface_add_one\0" in object_code
    assert b"\0add_one\0" not in object_code


def test_same_text_same_object(affine_text: Callable[[str], str]) -> None:
    llvm_ir = emit_llvm(affine_text("gated_linear"))
    assert compile_object(llvm_ir) == compile_object(llvm_ir, host_target())


def test_levels_are_passed_on(affine_text: Callable[[str], str]) -> None:
    llvm_ir = emit_llvm(affine_text("gated_linear"))
    objects = {DefaultToolchain(optimization_level=level).compile_object(llvm_ir) for level in (0, 2)}
    assert len(objects) == 2


def test_malformed_ir() -> None:
    with pytest.raises(RlxcError, match=r"LLVM refused the module: .*expected type"):
        compile_object("define float @_mlir_ciface_f(")


def test_nothing_exported() -> None:
    with pytest.raises(RlxcError, match="the module exports nothing"):
        compile_object("define void @f() { ret void }")


def test_unknown_machine() -> None:
    with pytest.raises(RlxcError, match="LLVM has no target 'pdp11-dec-unix'"):
        compile_object(ADD_ONE, Target("pdp11-dec-unix", ""))
