"""Layers of a flow: equal ones are one function, and compute what stages in a line do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.func import FuncOp

import rlxc
from rlxc import BuiltModel, ModelFlow, RlxcError
from rlxc.stages import (
    Linear,
    ResidualAdd,
    ResidualSave,
    RmsNorm,
    RopeTables,
    SelfAttnPrefill,
    SelfAttnPrefillSpec,
    StreamAdd,
    StreamLoad,
    StreamSplit,
)
from rlxc.stages.kv_cache import KvCache
from rlxc.stages.stage import Stage

HIDDEN, LAYERS, CAPACITY = 60, 4, 40

rng = np.random.default_rng(5)
WEIGHTS = {
    f"model.{layer}.{name}": rng.standard_normal(shape).astype(np.float32) / 8
    for layer in range(LAYERS)
    for name, shape in (
        ("norm", (HIDDEN,)),
        ("q", (60, HIDDEN)),
        ("k", (12, HIDDEN)),
        ("v", (12, HIDDEN)),
        ("o", (HIDDEN, 60)),
    )
}


def stages(scope: str = "", cache: KvCache | None = None) -> list[Stage]:
    spec = SelfAttnPrefillSpec(f"{scope}q", f"{scope}k", f"{scope}v", 5, 12, num_kv_heads=1, cache=cache)
    attention = SelfAttnPrefill(spec)
    return [ResidualSave(), RmsNorm(f"{scope}norm", 1e-5), attention, Linear(f"{scope}o"), ResidualAdd()]


def start() -> ModelFlow:
    flow = ModelFlow("model").input("x", ("B", "S", HIDDEN))
    return flow.stage(RopeTables(theta=1e4, n_rot=12, max_positions=64))


def with_caches() -> ModelFlow:
    flow = start().input("position", (), "index")
    for layer in range(LAYERS):
        flow = flow.state(f"k_{layer}", ("B", CAPACITY, 12)).state(f"v_{layer}", ("B", CAPACITY, 12))
    return flow


def functions(built: BuiltModel) -> list[str]:
    return [op.sym_name.data for op in built.module.ops if isinstance(op, FuncOp)]


LINE = start().stages([stage for layer in range(LAYERS) for stage in stages(f"model.{layer}.")])
CALLS = start().repeat(LAYERS, "model.{}.", stages())


def array(length: int) -> NDArray[Any]:
    return np.random.default_rng(length).standard_normal((2, length, HIDDEN)).astype(np.float32)


def test_equal_layers_are_one_function() -> None:
    assert functions(CALLS.build(WEIGHTS)) == ["model", "layer_0"]


def test_other_stages_are_another_function() -> None:
    flow = start().layer("model.0.", stages()).layer("model.1.", stages()[2:4]).layer("model.2.", stages())
    assert functions(flow.build(WEIGHTS)) == ["model", "layer_0", "layer_1"]


def test_other_tables_are_another_function() -> None:
    flow = start().layer("model.0.", stages()).stage(RopeTables(theta=1e6, n_rot=12, max_positions=64))
    assert functions(flow.layer("model.1.", stages()).build(WEIGHTS)) == ["model", "layer_0", "layer_1"]


def test_weights_with_a_digest_are_those_of_one_layer() -> None:
    weights = {key: WEIGHTS[key[:-1] + "k"] if key.endswith("v") else value for key, value in WEIGHTS.items()}
    assert functions(CALLS.build(weights)) == ["model", *(f"layer_{number}" for number in range(LAYERS))]


def test_the_weights_of_all_layers_are_kept() -> None:
    assert set(CALLS.build(WEIGHTS).params) == set(WEIGHTS)


def test_a_missing_weight() -> None:
    weights = {key: value for key, value in WEIGHTS.items() if key != "model.2.o"}
    with pytest.raises(RlxcError, match=r"layer 'model\.2\.'.*'model\.2\.o'"):
        CALLS.build(weights)


def test_a_weight_of_another_shape() -> None:
    with pytest.raises(RlxcError, match=r"'model\.3\.o' has shape \[60, 30\], but \[60, 60\] in layer 'model\.0\.'"):
        CALLS.build({**WEIGHTS, "model.3.o": np.zeros((60, 30), np.float32)})


def test_layers_with_a_stream_of_their_own() -> None:
    """Each layer adds the part of the input that it is given: they are one function."""
    flow = ModelFlow("model").input("x", ("B", "S", HIDDEN)).stages([StreamSplit("part", 3), StreamLoad("part_0")])
    for layer in range(3):
        flow = flow.layer(f"model.{layer}.", [StreamAdd("own")], {"own": f"part_{2 - layer}"})
    built = flow.build(WEIGHTS)
    assert functions(built) == ["model", "layer_0"]
    parts = np.split(array(5), 3, axis=-1)
    for target in ("reference", "numpy", "native"):
        np.testing.assert_allclose(rlxc.compile(built, target)(array(5)), parts[0] + sum(parts), rtol=1e-5, atol=1e-6)


def test_an_input_that_the_flow_lacks() -> None:
    with pytest.raises(RlxcError, match=r"layer 'model\.0\.': the flow declares no input 'k_9' .did you mean 'k_"):
        with_caches().layer("model.0.", stages(), {"k": "k_9"}).build(WEIGHTS)


@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_layers_compute_what_a_line_does(target: Any) -> None:
    called, line = (rlxc.compile(flow.build(WEIGHTS), target) for flow in (CALLS, LINE))
    np.testing.assert_array_equal(called(array(33)), line(array(33)))


@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_each_layer_has_its_caches(target: Any) -> None:
    caches = [KvCache(f"k_{layer}", f"v_{layer}") for layer in range(LAYERS)]
    line = with_caches().stages(
        [stage for layer in range(LAYERS) for stage in stages(f"model.{layer}.", caches[layer])]
    )
    calls = with_caches().repeat(LAYERS, "model.{}.", stages(cache=KvCache("k", "v")), {"k": "k_{}", "v": "v_{}"})
    assert functions(calls.build(WEIGHTS)) == ["model", "layer_0"]
    results = [run_in_chunks(rlxc.compile(flow.build(WEIGHTS), target)) for flow in (calls, line)]
    for called, expected in zip(*results, strict=True):
        np.testing.assert_array_equal(called, expected)


def run_in_chunks(function: Any) -> list[NDArray[Any]]:
    """The rows of a prompt in two calls: the results of both, and the caches."""
    states = [np.zeros((2, CAPACITY, 12), np.float32) for _ in range(2 * LAYERS)]
    found: list[NDArray[Any]] = []
    for position, length in ((0, 7), (7, 1)):
        result, *states = function(array(length), position, *states)
        found.append(result)
    return [*found, *states]
