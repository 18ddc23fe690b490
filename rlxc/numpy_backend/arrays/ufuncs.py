"""Which operator or function of NumPy stands for each operation of `arith` and `math`."""

from __future__ import annotations

from xdsl.dialects import arith, math
from xdsl.ir import Operation

OPERATORS: dict[type[Operation], str] = {
    arith.AddfOp: "+",
    arith.SubfOp: "-",
    arith.MulfOp: "*",
    arith.DivfOp: "/",
    arith.AddiOp: "+",
    arith.SubiOp: "-",
    arith.MuliOp: "*",
    arith.FloorDivSIOp: "//",
    arith.AndIOp: "&",
    arith.OrIOp: "|",
    arith.XOrIOp: "^",
}

OPERATORS_OF_NONNEGATIVE: dict[type[Operation], str] = {
    arith.DivUIOp: "//",
    arith.DivSIOp: "//",
    arith.RemUIOp: "%",
    arith.RemSIOp: "%",
}
"""Division that agrees with Python's where no operand is negative."""

FUNCTIONS: dict[type[Operation], str] = {
    math.AbsFOp: "np.abs",
    math.AcosOp: "np.arccos",
    math.AsinOp: "np.arcsin",
    math.AtanOp: "np.arctan",
    math.Atan2Op: "np.arctan2",
    math.CeilOp: "np.ceil",
    math.CopySignOp: "np.copysign",
    math.CosOp: "np.cos",
    math.CoshOp: "np.cosh",
    math.Exp2Op: "np.exp2",
    math.ExpM1Op: "np.expm1",
    math.ExpOp: "np.exp",
    math.FloorOp: "np.floor",
    math.Log10Op: "np.log10",
    math.Log1pOp: "np.log1p",
    math.Log2Op: "np.log2",
    math.LogOp: "np.log",
    math.PowFOp: "np.power",
    math.RoundEvenOp: "np.rint",
    math.SinOp: "np.sin",
    math.SinhOp: "np.sinh",
    math.SqrtOp: "np.sqrt",
    math.TanOp: "np.tan",
    math.TanhOp: "np.tanh",
    math.TruncOp: "np.trunc",
    arith.MaximumfOp: "np.maximum",
    arith.MinimumfOp: "np.minimum",
    arith.MaxnumfOp: "np.fmax",
    arith.MinnumfOp: "np.fmin",
    arith.MaxSIOp: "np.maximum",
    arith.MinSIOp: "np.minimum",
}

CASTS = (
    arith.SIToFPOp,
    arith.UIToFPOp,
    arith.ExtFOp,
    arith.TruncFOp,
    arith.FPToSIOp,
    arith.ExtSIOp,
    arith.ExtUIOp,
)
"""Changes of the element type that NumPy's `astype` does as MLIR does. (A bool is 0 or 1 in both.)"""
