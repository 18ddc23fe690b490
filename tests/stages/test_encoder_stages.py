"""The stages that only encoders have, against their formulas in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rlxc
from rlxc import ModelFlow, RlxcError
from rlxc.stages import PositionEmbed, SelfAttnPrefill, SelfAttnPrefillSpec, TokenTypeEmbed, padding

Array = NDArray[Any]

RNG = np.random.default_rng(5)
X = RNG.standard_normal((2, 3, 8)).astype(np.float32)
WEIGHTS = {
    name: RNG.standard_normal(shape).astype(np.float32)
    for name, shape in {"positions": (5, 8), "types": (2, 8), "q": (6, 8), "k": (6, 8), "v": (6, 8)}.items()
}
TARGETS = ("reference", "numpy", "native")
FLOW = ModelFlow("f").input("x", ("B", "S", 8))


def assert_near(found: Array | tuple[Array, ...], expected: Array) -> None:
    assert not isinstance(found, tuple)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("target", TARGETS)
def test_position_embed(target: Any) -> None:
    program = rlxc.compile(FLOW.stage(PositionEmbed("positions")).build(WEIGHTS), target)
    assert_near(program(X), X + WEIGHTS["positions"][:3])
    with pytest.raises(RlxcError, match=r"x has more positions than the table holds \(5\)"):
        program(np.zeros((1, 6, 8), np.float32))


@pytest.mark.parametrize("target", TARGETS)
def test_position_embed_from_a_position_on(target: Any) -> None:
    flow = FLOW.input("first", (), "index").stage(PositionEmbed("positions", "first"))
    assert_near(rlxc.compile(flow.build(WEIGHTS), target)(X, 2), X + WEIGHTS["positions"][2:])


@pytest.mark.parametrize("target", TARGETS)
def test_token_type_embed(target: Any) -> None:
    flow = FLOW.input("token_types", ("B", "S"), "i64").stage(TokenTypeEmbed("types"))
    types = np.array([[0, 1, 1], [1, 0, 0]])
    assert_near(rlxc.compile(flow.build(WEIGHTS), target)(X, types), X + WEIGHTS["types"][types])


def test_token_types_are_an_input() -> None:
    flow = FLOW.input("token_type", ("B", "S"), "i64").stage(TokenTypeEmbed("types"))
    with pytest.raises(RlxcError, match=r"declares no input 'token_types' \(did you mean 'token_type'\?\)") as caught:
        flow.build(WEIGHTS)
    assert caught.value.hint == 'add .input("token_types", ("B", "S"), "i64") to the flow'


@pytest.mark.parametrize("target", TARGETS)
def test_attention_without_rope_sees_both_sides(target: Any) -> None:
    """Heads of three components, which no rope could rotate."""
    spec = SelfAttnPrefillSpec("q", "k", "v", 2, 3, 2, rope_style="none", mask=padding())
    visible = np.array([[True, True, True], [True, True, False]])
    flow = FLOW.input("visible", ("B", "S"), "i1").stage(SelfAttnPrefill(spec))
    assert_near(rlxc.compile(flow.build(WEIGHTS), target)(X, visible), attention(visible))


def attention(visible: Array) -> Array:
    q, k, v = ((X.astype(float) @ WEIGHTS[name].T).reshape(2, 3, 2, 3) for name in "qkv")
    scores = np.einsum("bqhd,bkhd->bhqk", q, k) * 3**-0.5
    weights = np.exp(np.where(visible[:, None, None, :], scores, -np.inf))
    weights /= weights.sum(axis=-1, keepdims=True)
    return np.einsum("bhqk,bkhd->bqhd", weights, v).reshape(2, 3, 6)
