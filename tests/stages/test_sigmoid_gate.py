"""A factor for each token, against its formula in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import rlxc
from rlxc import ModelFlow, RlxcError
from rlxc.stages import Linear, SigmoidGate, StreamSave

RNG = np.random.default_rng(15)
X = RNG.standard_normal((2, 3, 8)).astype(np.float32)
WEIGHTS = {
    "gate": 60 * RNG.standard_normal((1, 8)).astype(np.float32),
    "projection": RNG.standard_normal((8, 8)).astype(np.float32),
}


@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_sigmoid_gate(target: Any) -> None:
    """Gates are from next to 0 to next to 1."""
    flow = ModelFlow("f").input("x", ("B", "S", 8))
    flow = flow.stages([StreamSave("x"), Linear("projection"), SigmoidGate("x", "gate")])
    found = rlxc.compile(flow.build(WEIGHTS), target)(X)
    gate = 1 / (1 + np.exp(-X.astype(float) @ WEIGHTS["gate"].T))
    np.testing.assert_allclose(found, gate * (X.astype(float) @ WEIGHTS["projection"].T), rtol=2e-5, atol=1e-6)


def test_one_number_a_token() -> None:
    flow = ModelFlow("f").input("x", ("B", "S", 8)).stages([StreamSave("x"), SigmoidGate("x", "projection")])
    with pytest.raises(RlxcError, match=r"SigmoidGate\(x\): key: weight 'projection' .*\[8, 8\], expected \[1, 8\]"):
        flow.build(WEIGHTS)
