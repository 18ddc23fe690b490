"""The stages of whole models, against their formulas in float64."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rlxc
from rlxc import ModelFlow, RlxcError
from rlxc.stages import (
    Glu,
    KvCache,
    LastToken,
    Linear,
    ResidualAdd,
    ResidualSave,
    RmsNorm,
    RopeInputs,
    Scale,
    ScaleBy,
    SelfAttnPrefill,
    SelfAttnPrefillSpec,
    Softcap,
    Stage,
    StreamAdd,
    StreamLoad,
    StreamMul,
    StreamSave,
    StreamSplit,
    TokenEmbed,
)

Array = NDArray[Any]

RNG = np.random.default_rng(4)
X = RNG.standard_normal((2, 3, 8)).astype(np.float32)
WEIGHTS = {
    name: RNG.standard_normal(shape).astype(np.float32)
    for name, shape in {
        "factor": (1,),
        "gain": (4,),
        "table": (10, 8),
        "gate.weight": (6, 8),
        "up.weight": (6, 8),
        "down.weight": (8, 6),
        "gate.bias": (6,),
        "up.bias": (6,),
        "down.bias": (8,),
        "q": (8, 8),
        "k": (4, 8),
        "v": (4, 8),
    }.items()
}


def computed(*stages: Stage, target: Any = "reference") -> Array:
    flow = ModelFlow("f").input("x", ("B", "S", 8)).stages(stages)
    result = rlxc.compile(flow.build(WEIGHTS), target)(X)
    assert isinstance(result, np.ndarray)
    return result


def assert_near(found: Array, expected: Array) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_scale(target: str) -> None:
    assert_near(computed(Scale("factor"), target=target), X * WEIGHTS["factor"][0])


@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_scale_by(target: str) -> None:
    assert_near(computed(ScaleBy(0.3), target=target), X * 0.3)


@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_norm_of_groups(target: str) -> None:
    """Two groups of four features, with one weight for both."""
    groups = X.astype(float).reshape(2, 3, 2, 4)
    normed = groups / np.sqrt(np.mean(groups**2, axis=-1, keepdims=True) + 1e-6) * WEIGHTS["gain"]
    assert_near(computed(RmsNorm("gain", width=4), target=target), normed.reshape(X.shape))


@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_last_token(target: str) -> None:
    """The norm and the projection are those of the last position alone."""
    found = computed(LastToken(), RmsNorm(None), Linear("q"), target=target)
    last = X[:, -1:].astype(float)
    assert_near(found, last / np.sqrt(np.mean(last**2, axis=-1, keepdims=True) + 1e-6) @ WEIGHTS["q"].T)


def test_softcap() -> None:
    assert_near(computed(Softcap(0.5)), 0.5 * np.tanh(X.astype(float) / 0.5))


def test_token_embed() -> None:
    flow = ModelFlow("f").input("ids", ("B", "S"), "i64").stage(TokenEmbed("table", 3.0))
    ids = np.array([[0, 9, 4]])
    found = rlxc.compile(flow.build(WEIGHTS))(ids)
    assert isinstance(found, np.ndarray)
    assert_near(found, 3.0 * WEIGHTS["table"][ids])


def test_gated_block_with_biases() -> None:
    wide = {key: value.astype(float) for key, value in WEIGHTS.items()}
    gate, up = (X @ wide[f"{name}.weight"].T + wide[f"{name}.bias"] for name in ("gate", "up"))
    expected = (np.maximum(gate, 0) * up) @ wide["down.weight"].T + wide["down.bias"]
    assert_near(computed(Glu("gate.weight", "up.weight", "down.weight", bias=True, act="relu")), expected)


def test_blocks_side_by_side() -> None:
    """`x + cap(x) + norm(x)`."""
    beside = (StreamSave("both"), StreamLoad("x"), RmsNorm(None), StreamAdd("both"))
    found = computed(StreamSave("x"), ResidualSave(), Softcap(1.0), ResidualAdd(), *beside)
    normed = X / np.sqrt(np.mean(X.astype(float) ** 2, axis=-1, keepdims=True) + 1e-6)
    assert_near(found, X + np.tanh(X.astype(float)) + normed)


@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_parts_of_the_features(target: str) -> None:
    """The second part of two, times a quarter of the first."""
    parts = (StreamSplit("part", 2), StreamLoad("part_0"), ScaleBy(0.25), StreamMul("part_1"))
    assert_near(computed(*parts, target=target), X[..., 4:] * X[..., :4] / 4)


def spec(**fields: Any) -> SelfAttnPrefillSpec:
    return SelfAttnPrefillSpec("q", "k", "v", num_heads=2, head_dim=4, num_kv_heads=1, **fields)


def with_cache(cache: KvCache) -> ModelFlow:
    """Attention on a cache; the tables are inputs."""
    flow = ModelFlow("f").input("x", ("B", "S", 8)).input("position", (), "index")
    flow = flow.input("t_cos", ("P", 2)).input("t_sin", ("P", 2)).state("k_rows", ("B", "C", 4))
    flow = flow.state("v_rows", ("B", "C", 4)).stage(RopeInputs("t"))
    return flow.stage(SelfAttnPrefill(spec(rope_table="t", cache=cache)))


def test_states_are_results() -> None:
    """Position by position, attention on a cache gives what it gives at once; new rows follow the old ones."""
    built = with_cache(KvCache("k_rows", "v_rows")).build(WEIGHTS)
    function = rlxc.compile(built, "numpy")
    angles = np.outer(np.arange(5), [1.0, 0.1])
    tables = np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)
    empty = [np.zeros((2, 5, 4), np.float32) for _ in range(2)]
    whole, *filled = function(X, 0, *tables, *[array.copy() for array in empty])
    states, rows = empty, list[Array]()
    for position in range(3):
        row, *states = function(X[:, position : position + 1].copy(), position, *tables, *states)
        rows.append(row)
    assert_near(np.concatenate(rows, axis=1), whole)
    assert_near(np.stack(states), np.stack(filled))
    assert_near(states[1][:, :3], X @ WEIGHTS["v"].T)
    assert not states[1][:, 3:].any()


@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_attention_to_what_an_earlier_layer_cached(target: Any) -> None:
    """With the same queries, it is that of the earlier layer; what is cached stays as it is."""
    cache = KvCache("k_rows", "v_rows")
    borrowing = SelfAttnPrefillSpec(
        "q", None, None, num_heads=2, head_dim=4, num_kv_heads=1, rope_table="t", cache=cache
    )
    flow = with_cache(cache)
    line = [StreamSave("own"), StreamLoad("x"), SelfAttnPrefill(borrowing), ScaleBy(-1.0), StreamAdd("own")]
    both = replace(flow, steps=(*ModelFlow("g").stage(StreamSave("x")).steps, *flow.steps)).stages(line)
    tables = [np.full((5, 2), 0.5**0.5, np.float32) for _ in range(2)]
    results = [
        rlxc.compile(one.build(WEIGHTS), target)(X, 0, *tables, *(np.zeros((2, 5, 4), np.float32) for _ in range(2)))
        for one in (flow, both)
    ]
    assert np.max(np.abs(results[1][0])) <= 1e-6
    for kept, expected in zip(results[1][1:], results[0][1:], strict=True):
        assert_near(kept, expected)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Softcap(-1.0), "Softcap: cap must be positive"),
        (lambda: StreamSave(""), "StreamSave: name must be a name, got ''"),
        (lambda: computed(StreamLoad("x")), "there is no stream 'x'"),
        (lambda: KvCache("a", "a"), "KvCache: k and v are both 'a'"),
        (lambda: spec(cache=KvCache("kv", None)), "the cache 'kv' cannot hold both K and V"),
        (lambda: with_cache(KvCache("k_row", "v_rows")).build(WEIGHTS), "declares no state 'k_row'.*did you mean"),
        (lambda: with_cache(KvCache("k_rows", "v_rows", row="x_")).build(WEIGHTS), "declares no input 'x_'"),
        (lambda: ScaleBy(float("inf")), "ScaleBy: factor must be a finite number"),
        (lambda: RmsNorm(None, width=0), "RmsNorm: width must be a positive integer"),
        (lambda: computed(StreamSplit("part", 3)), "8 features are not count = 3 parts of equal width"),
        (lambda: computed(StreamSplit("part", 2), StreamMul("part_0")), "the stream 'part_0' is .*x4xf32>, but x is"),
        (lambda: replace(spec(), k_key=None), "k_key is None, but no cache holds K and V"),
        (lambda: replace(spec(cache=KvCache("k", "v")), k_key=None), "v_key is given, but K and V are those of an ear"),
        (lambda: ModelFlow("f").input("n", (2,), "index"), re.escape("its shape must be ()")),
    ],
)
def test_errors(make: Any, message: str) -> None:
    with pytest.raises(RlxcError, match=message):
        make()
