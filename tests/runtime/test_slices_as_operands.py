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


EXPERTS = """
func.func @f(%x2: tensor<3x9x8xf32>, %l2: tensor<3x9x10xf32>) -> tensor<3x5x8xf32> {
  %w = rlx.param "w" : tensor<8x40xf32>
  %d = rlx.param "d" : tensor<4x40xf32>
  %x = tensor.extract_slice %x2[0, 2, 0] [3, 5, 8] [1, 1, 1] : tensor<3x9x8xf32> to tensor<3x5x8xf32>
  %l = tensor.extract_slice %l2[0, 1, 0] [3, 5, 5] [1, 1, 2] : tensor<3x9x10xf32> to tensor<3x5x5xf32>
  %y = rlx.moe %x, %l, %w, %d activation(silu)
    : tensor<3x5x8xf32>, tensor<3x5x5xf32>, tensor<8x40xf32>, tensor<4x40xf32>
  func.return %y : tensor<3x5x8xf32>
}
"""


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_experts_of_batches_that_are_apart(threads: int) -> None:
    module = parse_module(make_context(), EXPERTS)
    weights, inputs = {"w": random(8, 40), "d": random(4, 40)}, (random(3, 9, 8), random(3, 9, 10))
    expected = np.asarray(rlxc.compile(module, "reference", weights)(*inputs))
    result = np.asarray(rlxc.compile(module, "native", weights, threads=threads)(*inputs))
    assert np.max(np.abs(result - expected)) <= 2e-6 * np.max(np.abs(expected))
