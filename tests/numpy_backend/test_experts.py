"""Mixtures of experts are printed as calls of functions that compute what was chosen, and no more."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from printed_numpy import error, printed_rlx

MOE = """func.func @f(%x: tensor<?x?x6x{E}>, %l: tensor<?x?x3x{E}>, %w: tensor<6x30x{E}>, %d: tensor<5x18x{E}>)
    -> tensor<?x?x6x{E}> {
  %g = rlx.route %l renormalize {top_k = 2} : tensor<?x?x3x{E}>
  %y = rlx.moe %x, %g, %w, %d activation(gelu)
    : tensor<?x?x6x{E}>, tensor<?x?x3x{E}>, tensor<6x30x{E}>, tensor<5x18x{E}>
  func.return %y : tensor<?x?x6x{E}>
}"""


def program(element: str) -> str:
    return MOE.replace("{E}", element)


def test_code_reads_like_the_program() -> None:
    source = printed_rlx(program("f32")).source
    assert "g = top_experts(l, 2, renormalize=True)\n" in source
    assert "y = mixture(x, g, w, d, gelu)\n" in source
    assert "silu" not in source


def test_only_rows_that_chose_an_expert_are_computed() -> None:
    gates = np.array([[[1, 0, 0], [0.5, 0, 2]], [[0, 0, 3], [np.nan, 0, 0]]])
    rows: list[int] = []

    def activation(gate: NDArray[Any]) -> NDArray[Any]:
        rows.append(len(gate))
        return gate

    mixture = printed_rlx(program("f64")).variables["mixture"]
    result = mixture(np.ones((2, 2, 6)), gates, np.ones((6, 30)), np.ones((5, 18)), activation)
    assert rows == [3, 2]
    np.testing.assert_array_equal(result[..., 0], [[180, 450], [540, np.nan]])


@pytest.mark.parametrize(("element", "limit"), [("f32", 2e-6), ("f64", 1e-13)])
def test_numbers(element: str, limit: float) -> None:
    random = np.random.default_rng(1)
    kind = np.float32 if element == "f32" else np.float64
    for batch, length in ((2, 7), (1, 1), (3, 0)):
        shapes = (batch, length, 6), (batch, length, 3), (6, 30), (5, 18)
        assert error(program(element), [random.standard_normal(shape).astype(kind) for shape in shapes]) < limit


def test_batches_that_differ() -> None:
    arguments = [np.ones(shape, np.float32) for shape in ((2, 3, 6), (2, 4, 3), (6, 30), (5, 18))]
    with pytest.raises(ValueError, match=r"rlx.moe.*x and gates differ in 'seq'"):
        printed_rlx(program("f32"))(*arguments)
