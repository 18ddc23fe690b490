"""The operations that reductions combine elements with."""

from __future__ import annotations

import math
from dataclasses import dataclass

from xdsl.dialects import arith
from xdsl.ir import Operation


@dataclass(frozen=True)
class Combiner:
    """How NumPy reduces with an operation, the number that changes nothing, and whether it may start from another."""

    function: str
    neutral: float
    takes_initial: bool = True


COMBINERS: dict[type[Operation], Combiner] = {
    arith.AddfOp: Combiner("np.sum", 0.0),
    arith.MulfOp: Combiner("np.prod", 1.0),
    arith.MaximumfOp: Combiner("np.max", -math.inf),
    arith.MinimumfOp: Combiner("np.min", math.inf),
    arith.MaxnumfOp: Combiner("np.fmax.reduce", -math.inf),
    arith.MinnumfOp: Combiner("np.fmin.reduce", math.inf),
    arith.AndIOp: Combiner("np.all", True, takes_initial=False),
    arith.OrIOp: Combiner("np.any", False, takes_initial=False),
}
