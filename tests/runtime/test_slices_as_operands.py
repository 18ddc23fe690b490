"""Slices of inputs as operands of kernels: they are read where they lie."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import rlxc
from rlxc.diagnostics import parse_module
from rlxc.inspect.registry import make_context

Array = NDArray[np.float32]

BIAS = """
func.func @f(%x: tensor<1x3x8xf32>, %b2: tensor<32xf32>, %i: index) -> tensor<1x3x16xf32> {
  %w = rlx.param "w" : tensor<8x16xf32>
  %b = tensor.extract_slice %b2[PLACE] [16] [1] : tensor<32xf32> to tensor<16xf32>
  %y = rlx.matmul %x, %w bias(%b) : tensor<1x3x8xf32>, tensor<8x16xf32>
  func.return %y : tensor<1x3x16xf32>
}
"""

GAIN = """
func.func @f(%q: tensor<1x9x16xf32>, %g2: tensor<32xf32>, %i: index) -> tensor<1x9x16xf32> {
  %g = tensor.extract_slice %g2[PLACE] [16] [1] : tensor<32xf32> to tensor<16xf32>
  %y = rlx.attention %q, %q, %q k_gain(%g) {num_heads = 1, num_kv_heads = 1, head_dim = 16}
     : tensor<1x9x16xf32>, tensor<1x9x16xf32>
  func.return %y : tensor<1x9x16xf32>
}
"""


def random(*shape: int) -> Array:
    return np.random.default_rng(sum(shape)).standard_normal(shape, np.float32)


@pytest.mark.parametrize("place", ["%i", "7"])
@pytest.mark.parametrize(("text", "x"), [(BIAS, random(1, 3, 8)), (GAIN, random(1, 9, 16))], ids=["bias", "k_gain"])
def test_slice_is_read_where_it_lies(text: str, x: Array, place: str):
    module = parse_module(make_context(), text.replace("PLACE", place))
    weights = {"w": random(8, 16)}
    expected = rlxc.compile(module, "reference", weights)(x, random(32), 7)
    result = rlxc.compile(module, "native", weights)(x, random(32), 7)
    assert not isinstance(result, tuple)
    assert not isinstance(expected, tuple)
    assert np.max(np.abs(result - expected)) <= 2e-6 * np.max(np.abs(expected))
