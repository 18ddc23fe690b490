"""The errors of the polynomials for exp, exp2, tanh and erf, over all numbers of float32.

    python bench/polynomials.py                # all 2^32 of them
    python bench/polynomials.py --stride 1001  # each 1001st, and all where a function changes its ways

The exact results are those of the system's functions of float64. Errors are in units in the last place of the
exact result; where that is NaN, so must be the result. The exit code is 1 if an error is 2 or more.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects import get_all_dialects
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

from rlxc.native.abi import MemRef
from rlxc.native.toolchain import DefaultToolchain
from rlxc.passes.kernels.expand_math import RlxExpandMathPass

Array = NDArray[Any]

CRITICAL = {
    "exp": (-176.5, -103.98, -87.34, 88.72, 89.0),
    "exp2": (-254.0, -150.0, -149.0, -126.0, 128.0, 128.5),
    "tanh": (-10.0, -9.1, -0.5, 0.5, 9.1, 10.0),
    "erf": (-3.93, -3.92, 3.92, 3.93),
}
"""Where results overflow, become subnormal or constant, or are computed otherwise."""

AROUND = 1 << 14
"""How many neighbours of these numbers are tried, on each side."""

CHUNK = 1 << 18

MOST_ERROR = 2.0

LOOP = """
func.func @{name}_{kind}(%x: memref<?x{kind}>, %y: memref<?x{kind}>) attributes {{llvm.emit_c_interface}} {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.dim %x, %c0 : memref<?x{kind}>
  scf.for %i = %c0 to %n step %c1 {{
    %v = memref.load %x[%i] : memref<?x{kind}>
    %r = math.{name} %v : {kind}
    memref.store %r, %y[%i] : memref<?x{kind}>
  }}
  return
}}
"""


class Functions:
    """The functions of `CRITICAL` on arrays: in float32 by polynomials, in float64 by the system."""

    def __init__(self, fused: bool):
        names = [(name, kind) for name in CRITICAL for kind in ("f32", "f64")]
        module = parsed("".join(LOOP.format(name=name, kind=kind) for name, kind in names))
        RlxExpandMathPass().apply(Context(), module)
        if not fused:
            for op in module.walk():
                op.properties.pop("fastmath", None)
        toolchain = DefaultToolchain()
        symbols = [f"_mlir_ciface_{name}_{kind}" for name, kind in names]
        self._library = toolchain.load_library([toolchain.compile_object(toolchain.lower(str(module)))], symbols)

    def __call__(self, name: str, x: Array) -> Array:
        """The results, in the precision of `x`."""
        symbol = f"_mlir_ciface_{name}_f{8 * x.itemsize}"
        given, result = MemRef(x), MemRef(np.empty_like(x))
        self._library.function(symbol, None, ctypes.c_void_p, ctypes.c_void_p)(given.pointer, result.pointer)
        return result.array


def parsed(text: str) -> ModuleOp:
    """A module of upstream operations."""
    context = Context()
    for name, dialect in get_all_dialects().items():
        context.register_dialect(name, dialect)
    return Parser(context, text).parse_module()


def chunks(name: str, stride: int) -> Iterator[range]:
    """The bits of each `stride`-th number of float32, then those of the neighbours of the critical ones."""
    everything = range(0, 1 << 32, stride)
    yield from (everything[start : start + CHUNK] for start in range(0, len(everything), CHUNK))
    for number in CRITICAL[name]:
        middle = int(np.float32(number).view(np.uint32))
        yield range(middle - AROUND, middle + AROUND)


def worst(functions: Functions, name: str, bits: range) -> tuple[float, float]:
    """The largest error for these numbers, and the number where it is."""
    x = np.arange(bits.start, bits.stop, bits.step, np.int64).astype(np.uint32).view(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        exact, y = functions(name, x.astype(np.float64)), functions(name, x).astype(np.float64)
        rounded = exact.astype(np.float32)
        unit = np.spacing(np.minimum(np.abs(rounded), np.finfo(np.float32).max))
        errors = np.abs(y - exact) / unit
    errors[(rounded == y) & np.isinf(y) | np.isnan(exact) & np.isnan(y)] = 0
    errors[np.isnan(errors)] = np.inf
    place = int(errors.argmax())
    return float(errors[place]), float(x[place])


def main() -> int:
    """Print the largest error of each function."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stride", type=int, default=1, help="try each N-th number (default: all)", metavar="N")
    stride, found = parser.parse_args().stride, []
    for fused in (True, False):
        functions = Functions(fused)
        for name in CRITICAL:
            with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
                error, x = max(pool.map(lambda bits: worst(functions, name, bits), chunks(name, stride)))
            print(
                f"{name:5}{'fused' if fused else 'not fused':>10} multiply-add: {error:.3f} units at {x!r}", flush=True
            )
            found.append(error)
    return 0 if max(found) < MOST_ERROR else 1


if __name__ == "__main__":
    sys.exit(main())
