"""The hyperbolic tangent and the error function: odd, and flat outside."""

from __future__ import annotations

from rlxc.passes.kernels.polynomials.exponential import exp_minus_one
from rlxc.passes.kernels.polynomials.lanes import Floats, magnitude, where_below, with_sign_of


def tanh(x: Floats) -> Floats:
    """`tanh x = d / (d + 2)` with `d = e^(2 x) - 1`, for `x >= 0.5`. Beyond 9.1 it is 1 in float32.

    Below 0.5 the rounding of the two sums would count: there it is `x + x^3 p(x^2)`.
    """
    size = magnitude(x).clamped(None, 10.0)
    square, difference = size * size, exp_minus_one(size * 2.0)
    small = square * size * square.polynomial(TANH_AFTER_LINEAR) + size
    return with_sign_of(where_below(size, 0.5, small, difference / (difference + 2.0)), x)


def erf(x: Floats) -> Floats:
    """`erf x = 1 - e^(-q)`, for `x >= 0`. Beyond 3.92 it is 1 in float32.

    q is `-ln(1 - erf x)`, which one polynomial approximates well because erf hardly depends on it where it is large.
    """
    size = magnitude(x).clamped(None, 3.93)
    exponent = size * size.polynomial(ERF_EXPONENT) + size
    return with_sign_of(magnitude(exp_minus_one(exponent * -1.0)), x)


TANH_AFTER_LINEAR = (-0.333331435918808, 0.13325878977775574, -0.05304549261927605, 0.01724148727953434)
"""`(tanh x / x - 1) / x^2` for `x^2` in [0, 0.25], minimax of the relative error of tanh: 1.5e-8."""

ERF_EXPONENT = (
    0.1283791670955126,
    0.636619508266449,
    0.10277680307626724,
    -0.019149595871567726,
    -0.00016635791689623147,
    0.0016726518515497446,
    -0.0006357678794302046,
    0.00011842887761304155,
    -9.341086297354195e-06,
)
"""`-ln(1 - erf x) / x - 1` on [0, 3.93], minimax of the relative error of erf: 4.2e-9."""
