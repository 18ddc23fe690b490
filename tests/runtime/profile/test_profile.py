"""`fn.profile`: compiled programs tell what their threads did."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

import rlxc
from rlxc import RlxcError
from rlxc.runtime.compile import Target
from rlxc.runtime.compiled import CompiledFunction
from rlxc.runtime.profile import Profile, Row

EXAMPLES = Path(__file__).parents[3] / "examples"
X = np.random.default_rng(1).standard_normal((2, 33, 512)).astype(np.float32)


def names(rows: Iterable[Row]) -> list[str]:
    """The operations of each row, without what they make and take."""
    return ["+".join(one.head.split(" = ")[1] for one in row.operations) for row in rows]


@pytest.fixture(scope="module", params=[1, 2, 3])
def function(request: pytest.FixtureRequest) -> CompiledFunction:
    return rlxc.compile(EXAMPLES / "qk_norm.mlir", "native", "random:0", threads=request.param)


@pytest.fixture(scope="module")
def profile(function: CompiledFunction) -> Profile:
    return function.profile(X)


def test_a_row_for_each_fused_operation(profile: Profile) -> None:
    assert names(profile.rows) == ["rlx.matmul", "rlx.rms_norm", "rlx.rms_norm", "rlx.attention", "rlx.matmul"]
    assert all(one.place.startswith(str(EXAMPLES)) for row in profile.rows for one in row.operations)


def test_times_go_on(profile: Profile) -> None:
    """Each thread goes from part to part, inside the call, and no part takes no work."""
    times = profile.call.times
    assert np.all(np.diff(times, axis=1) >= 0)
    assert times.min() > 0
    assert times[0].max() < profile.call.nanoseconds
    assert all(row.seconds > 0 and row.work.flops > 0 for row in profile.rows)


def test_rows_and_the_outside_are_the_whole(profile: Profile) -> None:
    assert profile.outside_seconds > 0
    assert sum(row.seconds for row in profile.rows) + profile.outside_seconds == pytest.approx(profile.seconds)


def test_sizes_are_those_of_the_call(function: CompiledFunction, profile: Profile) -> None:
    """One compile serves all sizes: a projection of twice the rows has twice the FLOPs."""
    half = function.profile(x=X[:1])
    assert 2 * half.rows[0].work.flops == profile.rows[0].work.flops == 2 * 66 * 512 * 1024
    assert half.threads == profile.threads


def test_the_function_is_the_same_afterwards(function: CompiledFunction) -> None:
    before = function(X)
    function.profile(X)
    np.testing.assert_array_equal(before, function(X))


def test_inputs_are_checked(function: CompiledFunction) -> None:
    with pytest.raises(RlxcError, match="has shape"):
        function.profile(X[:, :, :-1])
    with pytest.raises(RlxcError, match="more positions than"):
        function.profile(np.zeros((1, 9000, 512), np.float32))


@pytest.mark.parametrize("target", ["numpy", "reference"])
def test_other_targets_have_no_profile(target: Target) -> None:
    with pytest.raises(RlxcError, match=f"target '{target}' has no profile"):
        rlxc.compile(EXAMPLES / "qk_norm.mlir", target, "random:0").profile(X)


def test_layers_that_are_called(tmp_path: Path) -> None:
    """Two calls of one function are operations of their own."""
    path = tmp_path / "twice.mlir"
    path.write_text("""
    func.func @twice(%x: tensor<?x?x64xf64>) -> tensor<?x?x64xf64> {
      %a = func.call @layer(%x) : (tensor<?x?x64xf64>) -> tensor<?x?x64xf64>
      %b = func.call @layer(%a) : (tensor<?x?x64xf64>) -> tensor<?x?x64xf64>
      return %b : tensor<?x?x64xf64>
    }
    func.func private @layer(%h: tensor<?x?x64xf64>) -> tensor<?x?x64xf64> {
      %w = rlx.param "w" : tensor<64x64xf64>
      %y = rlx.matmul %h, %w : tensor<?x?x64xf64>, tensor<64x64xf64>
      return %y : tensor<?x?x64xf64>
    }
    """)
    found = rlxc.compile(path, "native", "random:0", threads=2).profile(np.ones((1, 5, 64)))
    assert names(found.rows) == ["rlx.matmul", "rlx.matmul"]
    assert {row.work.flops for row in found.rows} == {5 * 64 * 64 * 2}


def test_donated_inputs_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "append.mlir"
    path.write_text("""
    func.func @append(%cache: tensor<1x8x64xf32> {rlx.donated}, %new: tensor<1x1x64xf32>, %position: index)
        -> tensor<1x8x64xf32> {
      %y = rlx.kv_append %cache, %new position(%position) : tensor<1x8x64xf32>, tensor<1x1x64xf32>
      return %y : tensor<1x8x64xf32>
    }
    """)
    cache = np.zeros((1, 8, 64), np.float32)
    profile = rlxc.compile(path, "native", threads=1).profile(cache, np.ones((1, 1, 64), np.float32), 3)
    assert not cache.any()
    assert [one.text for row in profile.rows for one in row.operations] == [
        "%y = rlx.kv_append %cache, %new position(%position)"
    ]
