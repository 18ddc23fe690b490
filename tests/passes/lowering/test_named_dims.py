"""Dimensions that a called function names alike: fusion relies on the name, so that each call has to be checked."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

import rlxc
from rlxc.diagnostics import parse_module
from rlxc.inspect.registry import make_context

CALL = """
func.func @f(%q: tensor<1x?x8xf32>, %k: tensor<1x?x8xf32>) -> tensor<1x?x8xf32> {
  %cos = rlx.rope_table cos {theta = 10000.0} : tensor<64x4xf32>
  %sin = rlx.rope_table sin {theta = 10000.0} : tensor<64x4xf32>
  %o = func.call @inner(%q, %k, %cos, %sin)
    : (tensor<1x?x8xf32>, tensor<1x?x8xf32>, tensor<64x4xf32>, tensor<64x4xf32>) -> tensor<1x?x8xf32>
  func.return %o : tensor<1x?x8xf32>
}
func.func @inner(%q: tensor<1x?x8xf32> {rlx.dims = ["S"]}, %k: tensor<1x?x8xf32> {rlx.dims = ["S"]},
                 %cos: tensor<64x4xf32>, %sin: tensor<64x4xf32>) -> tensor<1x?x8xf32> {
  %qr = rlx.rope %q, %cos, %sin {head_dim = 8, n_rot = 8} : tensor<1x?x8xf32>
  %kr = rlx.rope %k, %cos, %sin {head_dim = 8, n_rot = 8} : tensor<1x?x8xf32>
  %o = rlx.attention %qr, %kr, %k {num_heads = 1, num_kv_heads = 1, head_dim = 8}
    : tensor<1x?x8xf32>, tensor<1x?x8xf32>
  func.return %o : tensor<1x?x8xf32>
}"""


def arrays(q_len: int, kv_len: int) -> list[NDArray[np.float32]]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal((1, length, 8), np.float32) for length in (q_len, kv_len)]


def test_a_call_with_equal_dimensions():
    module = parse_module(make_context(), CALL)
    q_and_k = arrays(5, 5)
    expected = rlxc.compile(module, target="reference")(*q_and_k)
    np.testing.assert_allclose(rlxc.compile(module)(*q_and_k), expected, atol=1e-6)


def test_a_call_with_other_dimensions():
    compiled = rlxc.compile(parse_module(make_context(), CALL))
    with pytest.raises(rlxc.RlxcError, match="call of @inner: arguments q and k differ in dimension 'S'"):
        compiled(*arrays(3, 5))
