"""The exponential functions, by powers of two and a polynomial."""

from __future__ import annotations

from rlxc.passes.kernels.polynomials.lanes import Floats

ROUNDING = 1.5 * 2**23
"""Whoever adds this to a number below 2^22 rounds it to an integer, which then stands in the last bits of the sum."""

LOG2_E = 1.4426950408889634

LN2_HIGH, LN2_LOW = 0.693359375, -2.12194440054690583e-4
"""Their sum is ln 2. The first has so few bits that its product with an integer below 2^15 is exact."""


def exp(x: Floats) -> Floats:
    """`e^x`; 0 below -104, infinity above 88.72, and what is too small for a normal number is rounded as usual.

    `e^x = e^r 2^n` with an integer n and `|r| <= ln 2 / 2`.
    """
    x = x.clamped(-120.0, 89.0)
    rounded = x * LOG2_E + ROUNDING
    whole = rounded - ROUNDING
    rest = x - whole * LN2_HIGH - whole * LN2_LOW
    return times_power_of_two(rest * rest * rest.polynomial(EXP_AFTER_LINEAR) + rest + 1.0, whole)


def exp2(x: Floats) -> Floats:
    """`2^x`, likewise."""
    x = x.clamped(-160.0, 128.5)
    rounded = x + ROUNDING
    whole = rounded - ROUNDING
    return times_power_of_two((x - whole).polynomial(EXP2_OF_HALF), whole)


def exp2_below_one(x: Floats) -> Floats:
    """`2^x` for `x <= 0`, cheaper than `exp2`; 0 below -126.5, where no normal number is near.

    `2^x = 2^r 2^n` with an integer n and `|r| <= 1/2`.
    """
    x = x.at_least(-127.0)
    rounded = x + ROUNDING
    rest = x - (rounded - ROUNDING)
    return rest.polynomial(EXP2_OF_HALF) * power_of_two(rounded)


def exp_minus_one(x: Floats) -> Floats:
    """`e^x - 1`, good in all its bits even where x is small. `-87 < x < 88`.

    `e^x - 1 = (e^r - 1) 2^n + (2^n - 1)` with an integer n and `|r| <= ln 2 / 2`.
    """
    rounded = x * LOG2_E + ROUNDING
    whole = rounded - ROUNDING
    rest = x - whole * LN2_HIGH - whole * LN2_LOW
    scale = power_of_two(rounded)
    return (rest * rest * rest.polynomial(EXP_AFTER_LINEAR) + rest) * scale + (scale - 1.0)


def times_power_of_two(x: Floats, whole: Floats) -> Floats:
    """`x 2^n` for an integer n, in two steps: neither factor overflows or vanishes before the product does."""
    half = whole * 0.5 + ROUNDING
    rest = whole - (half - ROUNDING) + ROUNDING
    return x * power_of_two(half) * power_of_two(rest)


def power_of_two(rounded: Floats) -> Floats:
    """`2^n` for the integer n that was added to ROUNDING; 0 for -127."""
    return ((rounded.bits() << 23) + (127 << 23)).floats()


# Minimax, of the relative error: 2.0e-9 on [-1/2, 1/2], 2.4e-10 on [-ln 2 / 2, ln 2 / 2].

EXP2_OF_HALF = (
    1.0,
    0.6931471824645996,
    0.24022647738456726,
    0.055503323674201965,
    0.00961843691766262,
    0.0013398875016719103,
    0.00015353361959569156,
)
"""`2^x`, where x is at most 1/2."""

EXP_AFTER_LINEAR = (
    0.5,
    0.1666666567325592,
    0.04166635870933533,
    0.008333389647305012,
    0.0013940719654783607,
    0.0001984588598133996,
)
"""`(e^x - 1 - x) / x^2`."""
