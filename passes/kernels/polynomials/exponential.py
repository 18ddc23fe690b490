"""The exponential functions, by powers of two and a polynomial."""

from __future__ import annotations

from rlxc.passes.kernels.polynomials.lanes import Floats

ROUNDING = 1.5 * 2**23
"""Whoever adds this to a number below 2^22 rounds it to an integer, which then stands in the last bits of the sum."""

LOG2_E = 1.4426950408889634

LN2_HIGH, LN2_LOW = 0.693359375, -2.12194440054690583e-4
"""Their sum is ln 2. The first has so few bits that its product with an integer below 2^15 is exact."""


def exp(x: Floats) -> Floats:
    """`e^x`; 0 below -176, infinity above 88.72, and what is too small for a normal number is rounded as usual.

    `e^x = e^r 2^h 2^h` with an integer h and `|r| <= ln 2`. Neither factor overflows before the result does.
    """
    x = x.clamped(-176.5, 89.0)
    rounded = x * (LOG2_E / 2) + ROUNDING
    half = rounded - ROUNDING
    rest = x - half * (2 * LN2_HIGH) - half * (2 * LN2_LOW)
    scale = power_of_two(rounded)
    return rest.polynomial(EXP) * scale * scale


def exp2(x: Floats) -> Floats:
    """`2^x`, likewise."""
    x = x.clamped(-254.0, 128.5)
    rounded = x * 0.5 + ROUNDING
    half = rounded - ROUNDING
    scale = power_of_two(rounded)
    return (x - half * 2.0).polynomial(EXP2) * scale * scale


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


def power_of_two(rounded: Floats) -> Floats:
    """`2^n` for the integer n that was added to ROUNDING; 0 for -127."""
    return ((rounded.bits() << 23) + (127 << 23)).floats()


# Minimax, of the relative error: 1.4e-8 on [-ln 2, ln 2], 1.2e-8 on [-1, 1], 2.0e-9 on [-1/2, 1/2], 2.4e-10 on
# [-ln 2 / 2, ln 2 / 2].

EXP = (
    1.0,
    1.0,
    0.5000003576278687,
    0.16666613519191742,
    0.04166125878691673,
    0.008336109109222889,
    0.0014104676665738225,
    0.00019611345487646759,
)
"""`e^x`."""

EXP2 = (
    1.0,
    0.6931472420692444,
    0.24022673070430756,
    0.05550379678606987,
    0.00961671955883503,
    0.0013339490396901965,
    0.00015653664013370872,
    1.5030574104457628e-05,
)
"""`2^x`."""

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
