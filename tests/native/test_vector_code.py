"""Kernels and the rest of a program go apart through LLVM, and come together again."""

from __future__ import annotations

import ctypes

from rlxc.native.codegen import compile_object
from rlxc.native.library import Library
from rlxc.native.vector_code import is_kernel, split_kernels

PROGRAM = """
define void @rlxc_twice(ptr %x) #0 {
  %old = load float, ptr %x, align 4
  %new = fadd float %old, %old
  store float %new, ptr %x, align 4
  ret void
}

define internal void @helper(ptr %x) {
  call void @rlxc_twice(ptr %x)
  ret void
}

define void @_mlir_ciface_f(ptr %x) {
  call void @helper(ptr %x)
  call void @rlxc_twice(ptr %x)
  ret void
}

attributes #0 = { noinline }
"""


def test_each_part_declares_what_the_other_defines():
    program, kernels = split_kernels(PROGRAM)
    assert "declare void @rlxc_twice(ptr %x) #0\n" in program
    assert "define void @_mlir_ciface_f" in program
    assert "define void @helper" in program
    assert "define void @rlxc_twice(ptr %x) #0 {" in kernels
    assert "declare void @helper(ptr %x)\n" in kernels
    assert "attributes #0" in program
    assert "attributes #0" in kernels


def test_names_tell_kernels():
    assert is_kernel("rlxc_matmul_64x70")
    assert not is_kernel("_mlir_ciface_rlxc")


def test_arguments_that_nothing_uses_are_dropped():
    """Also where they are only passed on."""
    unused = ", ".join(f"i64 %{name}" for name in "abcdefgh")
    wide = PROGRAM.replace("@rlxc_twice(ptr %x)", f"@rlxc_twice(ptr %x, {unused})")
    wide = wide.replace("@helper(ptr %x)", f"@helper(ptr %x, {unused})")
    wide = wide.replace("@_mlir_ciface_f(ptr %x)", f"@_mlir_ciface_f(ptr %x, {unused})")
    assert len(compile_object(wide)) == len(compile_object(PROGRAM))


def test_the_parts_are_one_object_again():
    library = Library([compile_object(PROGRAM)], ["_mlir_ciface_f"])
    number = ctypes.c_float(3.0)
    library.function("_mlir_ciface_f", None, ctypes.c_void_p)(ctypes.addressof(number))
    assert number.value == 12.0
