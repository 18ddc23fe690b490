"""The MLIR pass pipeline from affine loops to the LLVM dialect, as data."""

from __future__ import annotations

AFFINE_TO_LLVM_PASSES = (
    "canonicalize",
    "cse",
    "lower-affine",
    "convert-scf-to-cf",
    # Subviews and collapses become index arithmetic, in which affine.apply appears again.
    "expand-strided-metadata",
    "lower-affine",
    "arith-expand",
    "convert-vector-to-llvm",
    # What LLVM has no intrinsic for (erf) goes to libm.
    "convert-math-to-llvm",
    "convert-math-to-libm",
    "finalize-memref-to-llvm",
    "convert-func-to-llvm",
    "convert-arith-to-llvm",
    "convert-index-to-llvm",
    "convert-cf-to-llvm",
    "convert-ub-to-llvm",
    "reconcile-unrealized-casts",
)
"""Each pass of stock MLIR 22, in order."""

AFFINE_TO_LLVM = f"builtin.module({','.join(AFFINE_TO_LLVM_PASSES)})"
"""The same in MLIR's pipeline syntax, as `mlir-opt --pass-pipeline=` takes it."""
