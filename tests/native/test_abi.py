"""Memref descriptors, and every rank and element type through native code."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from rlxc.native import build_function
from rlxc.native.abi import DTYPES, MemRef

MAX_RANK = 5
LETTERS = "ijklm"


@pytest.mark.parametrize("rank", range(MAX_RANK + 1))
def test_descriptor_is_pointers_offset_sizes_strides(rank: int) -> None:
    array = np.zeros(tuple(range(2, 2 + rank)), np.float64)
    described = MemRef(array)
    words = (ctypes.c_int64 * (3 + 2 * rank)).from_address(described.pointer)
    strides = [stride // 8 for stride in array.strides]
    assert list(words) == [array.ctypes.data, array.ctypes.data, 0, *array.shape, *strides]


def copies(element: str) -> str:
    """A module that copies one array of each rank; the first size of each is known at run time only."""
    stored = "i8" if element == "i1" else element
    mark = " {rlx.element = i1}" if element == "i1" else ""
    kinds = [
        f"memref<{''.join(['?x', *(f'{size}x' for size in range(2, 1 + rank))][:rank])}{stored}>"
        for rank in range(MAX_RANK + 1)
    ]
    inputs = [f"%x{rank}: {kind}" for rank, kind in enumerate(kinds)]
    marked = [f"%{name}{rank}: {kind}{mark}" for name in "xy" for rank, kind in enumerate(kinds)]
    loops = "\n".join(copy_loop(rank, kind) for rank, kind in enumerate(kinds))
    sizes = "\n".join(
        f"%d{rank} = memref.dim %x{rank}, %c0 : {kinds[rank]}\n%s{rank} = arith.index_cast %d{rank} : index to i64"
        for rank in range(1, MAX_RANK + 1)
    )
    returned = ", ".join(f"%s{rank}" for rank in range(1, MAX_RANK + 1))
    return f"""
      func.func @copies({", ".join(marked)}) attributes {{llvm.emit_c_interface}} {{
        %c0 = arith.constant 0 : index
        {loops}
        return
      }}
      func.func @copies_prepare({", ".join(inputs)}) -> ({", ".join(["i64"] * (MAX_RANK + 1))})
          attributes {{llvm.emit_c_interface, rlx.checks = []}} {{
        %c0 = arith.constant 0 : index
        %ok = arith.constant 0 : i64
        {sizes}
        return %ok, {returned} : {", ".join(["i64"] * (MAX_RANK + 1))}
      }}"""


def copy_loop(rank: int, kind: str) -> str:
    """Loops that copy `%x{rank}` into `%y{rank}`."""
    indices = [f"%{letter}" for letter in LETTERS[:rank]]
    place = f"[{', '.join(indices)}] : {kind}"
    lines = [f"%v{rank} = affine.load %x{rank}{place}", f"affine.store %v{rank}, %y{rank}{place}"]
    for axis, index in reversed(list(enumerate(indices))):
        lines = [f"affine.for {index} = 0 to {1 + axis if axis else f'%n{rank}'} {{", *lines, "}"]
    return "\n".join([f"%n{rank} = memref.dim %x{rank}, %c0 : {kind}" if rank else "", *lines])


@pytest.mark.parametrize("element", ["f32", "f64", "i1", "i8", "i32", "i64"])
def test_arrays_of_all_ranks_survive_the_journey(element: str, parse: Callable[[str], ModuleOp]) -> None:
    function = build_function(parse(copies(element)))
    rng = np.random.default_rng(0)
    for first in (3, 1, 0):
        arrays = [random_array(rng, element, first, rank) for rank in range(MAX_RANK + 1)]
        for given, result in zip(arrays, function(arrays, []), strict=True):
            assert result.dtype == given.dtype
            np.testing.assert_array_equal(result, given)


def random_array(rng: np.random.Generator, element: str, first: int, rank: int) -> NDArray[Any]:
    """Random bits of the element type (floats without NaN)."""
    shape = (first, *range(2, 1 + rank))[:rank]
    dtype = DTYPES[element]
    if dtype.kind == "f":
        return np.asarray(rng.standard_normal(shape), dtype)
    limits = np.iinfo(dtype) if dtype.kind == "i" else None
    low, high = (limits.min, limits.max) if limits else (0, 1)
    return np.asarray(rng.integers(low, high, shape, np.int64, endpoint=True), dtype)
