"""Layers with mixtures of experts, their weights in one tensor or in many, called again for other layers."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rlxc
from rlxc.cli import main
from rlxc.diagnostics import parse_module
from rlxc.inspect.registry import make_context

Array = NDArray[Any]

EXPERTS, FEATURES, WIDTH = 6, 40, 27

UP, DOWN = f"tensor<{FEATURES}x{EXPERTS * 2 * WIDTH}xf32>", f"tensor<{WIDTH}x{EXPERTS * FEATURES}xf32>"

STACKED = f"""
  %w = rlx.param "gate_up" transposed : {UP}
  %d = rlx.param "down" transposed : {DOWN}"""

SEPARATE = f"""
  %w = rlx.param {", ".join(f'"{e}.gate", "{e}.up"' for e in range(EXPERTS))} transposed : {UP}
  %d = rlx.param {", ".join(f'"{e}.down"' for e in range(EXPERTS))} transposed : {DOWN}"""

LAYER = """func.func {visibility} @layer(%x: tensor<?x?x40xf32>) -> tensor<?x?x40xf32> {{
  %r = rlx.param "router" : tensor<40x6xf32>{weights}
  %n = rlx.rms_norm %x {{eps = 1.0e-6 : f64}} : tensor<?x?x40xf32>
  %l = rlx.matmul %n, %r : tensor<?x?x40xf32>, tensor<40x6xf32>
  %g = rlx.route %l renormalize {{top_k = {top_k}}} : tensor<?x?x6xf32>
  %m = rlx.moe %n, %g, %w, %d activation(silu)
    : tensor<?x?x40xf32>, tensor<?x?x6xf32>, {up}, {down}
  %y = arith.addf %m, %x : tensor<?x?x40xf32>
  func.return %y : tensor<?x?x40xf32>
}}"""

TWICE = """func.func @main(%x: tensor<?x?x40xf32>) -> tensor<?x?x40xf32> {
  %a = func.call @layer(%x) {rlx.scope = "layers.0."} : (tensor<?x?x40xf32>) -> tensor<?x?x40xf32>
  %b = func.call @layer(%a) {rlx.scope = "layers.1."} : (tensor<?x?x40xf32>) -> tensor<?x?x40xf32>
  func.return %b : tensor<?x?x40xf32>
}
"""


def layer(weights: str, top_k: int = 2, visibility: str = "") -> str:
    return LAYER.format(weights=weights, top_k=top_k, visibility=visibility, up=UP, down=DOWN)


PROGRAMS = {
    "stacked": layer(STACKED),
    "separate": layer(SEPARATE),
    "one of all": layer(STACKED, top_k=1),
    "all": layer(STACKED, top_k=EXPERTS),
    "two layers": TWICE + layer(SEPARATE, visibility="private"),
}


@cache
def compiled(name: str, target: Any, **options: Any) -> rlxc.CompiledFunction:
    return rlxc.compile(parse_module(make_context(), PROGRAMS[name]), target, weights="random:1", **options)


def result(name: str, target: str, x: Array, **options: Any) -> Array:
    return np.asarray(compiled(name, target, **options)(x))


def rows(batch: int, length: int) -> Array:
    return np.random.default_rng(length).standard_normal((batch, length, FEATURES)).astype(np.float32)


def assert_right(found: Array, name: str, x: Array) -> None:
    """Compare with the reference in float64."""
    expected = result(name, "reference", x, dtype=np.float64)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6 * np.max(np.abs(expected), initial=1))


@pytest.mark.parametrize("target", ["numpy", "native"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_targets_agree_with_the_reference(name: str, target: str) -> None:
    for batch, length in ((1, 1), (2, 1), (3, 0), (1, 5), (2, 33), (1, 130)):
        x = rows(batch, length)
        assert_right(result(name, target, x), name, x)


@pytest.mark.usefixtures("used_memory")
@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("name", ["separate", "two layers"])
def test_threads_and_used_memory(name: str, threads: int) -> None:
    for length in (33, 1, 8):
        x = rows(2, length)
        first, *others = (result(name, "native", x, threads=threads) for _ in range(3))
        assert all(other.tobytes() == first.tobytes() for other in others)
        assert_right(first, name, x)


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_nan_stays_in_its_row(target: str) -> None:
    x = rows(2, 9)
    expected = result("separate", target, x)
    x[1, 4, 7] = expected[1, 4] = np.nan
    np.testing.assert_allclose(result("separate", target, x), expected, rtol=0, atol=1e-6)


def test_library_computes_the_same(tmp_path: Path) -> None:
    (tmp_path / "layers.mlir").write_text(PROGRAMS["two layers"])
    assert main(["compile", str(tmp_path / "layers.mlir"), "-o", str(tmp_path / "layers.so")]) == 0
    loaded = rlxc.load(tmp_path / "layers.so", "random:1")
    for length in (1, 33):
        np.testing.assert_array_equal(loaded(rows(2, length)), result("two layers", "native", rows(2, length)))
