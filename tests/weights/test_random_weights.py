"""Random weights: as the program needs them, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from rlxc.diagnostics import RlxcError, UsageError, parse_module
from rlxc.dialects.rlx import ParamOp
from rlxc.inspect.registry import make_context
from rlxc.weights import RandomWeights, random_seed

TEXT = """
func.func @f(%x: tensor<?x?x256xf32>, %ids: tensor<?x?xi64>) -> tensor<?x?x512xf32> {
  %w = rlx.param "w" transposed : tensor<256x512xf32>
  %pair = rlx.param "q", "k" : tensor<256x511xf32>
  %gain = rlx.param "gain" : tensor<256xf32>
  %offset_gain = rlx.param "offset_gain" : tensor<256xf32>
  %bias = rlx.param "bias" : tensor<512xf32>
  %table = rlx.param "table" : tensor<1000x256xf32>
  %0 = rlx.rms_norm %x gamma(%gain) {eps = 1.0e-6 : f64} : tensor<?x?x256xf32>
  %1 = rlx.rms_norm %0 gamma(%offset_gain) {eps = 1.0e-6 : f64, offset = 1.0 : f64} : tensor<?x?x256xf32>
  %2 = rlx.matmul %1, %w bias(%bias) : tensor<?x?x256xf32>, tensor<256x512xf32>
  %3 = rlx.embed %table, %ids : tensor<1000x256xf32>, tensor<?x?xi64>
  return %2 : tensor<?x?x512xf32>
}
"""


def weights(seed: int, text: str = TEXT) -> RandomWeights:
    module = parse_module(make_context(), text)
    return RandomWeights((op for op in module.walk() if isinstance(op, ParamOp)), seed)


def test_shapes_are_as_stored() -> None:
    source = weights(0)
    assert {key: source.shape(key) for key in ("w", "q", "k", "gain")} == {
        "w": (512, 256),
        "q": (256, 255),
        "k": (256, 256),
        "gain": (256,),
    }
    assert all(source.get(key).shape == source.shape(key) for key in source.keys())


@pytest.mark.parametrize(
    ("key", "mean", "deviation"),
    [("w", 0, 1 / 16), ("gain", 1, 0.1), ("offset_gain", 0, 0.1), ("bias", 0, 0.1), ("table", 0, 1)],
)
def test_the_scale_fits_the_use(key: str, mean: float, deviation: float) -> None:
    values = weights(0).get(key)
    assert np.isclose(values.mean(), mean, atol=0.2 * deviation)
    assert np.isclose(values.std(), deviation, rtol=0.1)


def test_a_seed_says_it_all() -> None:
    one, same, other = (weights(seed) for seed in (1, 1, 2))
    assert np.array_equal(one.get("w"), same.get("w"))
    assert not np.array_equal(one.get("w"), other.get("w"))
    assert not np.array_equal(one.get("gain"), one.get("offset_gain"))


def test_text() -> None:
    assert (random_seed("random:7"), random_seed("model.npz")) == (7, None)
    with pytest.raises(UsageError, match="malformed weights 'random:x'"):
        random_seed("random:x")


def test_too_large() -> None:
    text = TEXT.replace("1000x256", "100000000x256")
    with pytest.raises(RlxcError, match=r"a random weight 'table' of shape .* is too large"):
        weights(0, text).get("table")
