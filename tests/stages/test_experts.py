"""The stages of mixtures of experts, against their formulas in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rlxc
from rlxc import ModelFlow, RlxcError
from rlxc.stages import Experts, Route, Stage, StreamLoad, StreamSave

Array = NDArray[Any]

COUNT, FEATURES, WIDTH = 5, 8, 6
RNG = np.random.default_rng(14)
X = RNG.standard_normal((2, 3, FEATURES)).astype(np.float32)
SHAPES = {"w1": (WIDTH, FEATURES), "w3": (WIDTH, FEATURES), "w2": (FEATURES, WIDTH)}
WEIGHTS: dict[str, Array] = {
    f"experts.{expert}.{name}.weight": RNG.standard_normal(shape).astype(np.float32)
    for expert in range(COUNT)
    for name, shape in SHAPES.items()
} | {
    "router.weight": RNG.standard_normal((COUNT, FEATURES)).astype(np.float32),
    "factors": RNG.uniform(1, 2, COUNT).astype(np.float32),
}
MIXED = [
    StreamSave("x"),
    Route("router.weight", 2, renormalize=True, scale_key="factors"),
    StreamSave("gates"),
    StreamLoad("x"),
    Experts("experts", COUNT, "relu", gate="w1", up="w3", down="w2"),
]


def computed(*stages: Stage, target: Any, weights: dict[str, Array] = WEIGHTS) -> Array:
    flow = ModelFlow("f").input("x", ("B", "S", FEATURES)).stages(stages)
    result = rlxc.compile(flow.build(weights), target)(X)
    assert isinstance(result, np.ndarray)
    return result


def gates() -> Array:
    """Of the softmax over all experts, the two largest terms."""
    logits = X.astype(float) @ WEIGHTS["router.weight"].T
    terms = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    return np.where(terms >= np.sort(terms)[..., -2:-1], terms, 0)


def expert(number: int) -> Array:
    """What an expert makes of `X`."""
    w1, w3, w2 = (WEIGHTS[f"experts.{number}.{name}.weight"].T.astype(float) for name in SHAPES)
    return (np.maximum(X @ w1, 0) * (X @ w3)) @ w2


@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_route(target: str) -> None:
    np.testing.assert_allclose(computed(Route("router.weight", 2), target=target), gates(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_experts(target: str) -> None:
    weights = gates() / gates().sum(-1, keepdims=True) * WEIGHTS["factors"]
    expected = sum(weights[..., number, None] * expert(number) for number in range(COUNT))
    np.testing.assert_allclose(computed(*MIXED, target=target), expected, rtol=1e-5, atol=1e-5)


def test_experts_without_gates() -> None:
    with pytest.raises(RlxcError, match=r"Experts\(experts\): there is no stream 'gates'"):
        computed(MIXED[-1], target="reference")


def test_another_number_of_experts() -> None:
    with pytest.raises(RlxcError, match=r"the stream 'gates' has 5 experts, but count = 4"):
        computed(*MIXED[:-1], Experts("experts", 4, gate="w1", up="w3", down="w2"), target="reference")


def test_an_expert_of_another_shape() -> None:
    wider = WEIGHTS | {"experts.3.w3.weight": np.zeros((WIDTH + 1, FEATURES), np.float32)}
    with pytest.raises(RlxcError, match=r"weight 'experts.3.w3.weight' has shape \[7, 8\], expected \[6, 8\]"):
        computed(*MIXED, target="reference", weights=wider)


def test_a_missing_expert() -> None:
    fewer = {key: array for key, array in WEIGHTS.items() if key != "experts.4.w2.weight"}
    with pytest.raises(RlxcError, match=r"down: there is no weight 'experts.4.w2.weight'"):
        computed(*MIXED, target="reference", weights=fewer)


def test_fields_are_checked() -> None:
    with pytest.raises(RlxcError, match="Route: top_k must be a positive integer, got 0"):
        Route("router.weight", 0)
    with pytest.raises(RlxcError, match=r"Experts: act must be one of .*did you mean 'silu'"):
        Experts("experts", 4, "sili")  # pyright: ignore[reportArgumentType]
