"""Quick calls have the results of others, and leave what they do not expect to these."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rlxc
from rlxc.diagnostics import RlxcError
from rlxc.runtime.arguments import bind_arguments
from rlxc.runtime.compiled import CompiledFunction, Quick, QuickCalls

STEP = """
!cache = tensor<1x?x16xf32>
func.func @step(%x: tensor<1x?x16xf32> {rlx.dims = ["S"]}, %cache: !cache {rlx.donated, rlx.dims = ["T"]},
                %position: index) -> (tensor<1x?x16xf32>, !cache) {
  %0 = rlx.kv_append %cache, %x position(%position) : !cache, tensor<1x?x16xf32>
  %1 = rlx.attention %x, %0, %0 {num_heads = 2, num_kv_heads = 2, head_dim = 8} : tensor<1x?x16xf32>, !cache
  func.return %1, %0 : tensor<1x?x16xf32>, !cache
}
"""


@pytest.fixture(scope="module", params=[1, 2, 3])
def step(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> CompiledFunction:
    file = tmp_path_factory.mktemp("step") / "step.mlir"
    file.write_text(STEP)
    return rlxc.compile(file, "native", threads=request.param)


def quick_of(function: CompiledFunction) -> QuickCalls:
    assert isinstance(function.executable, Quick)
    assert function.executable.quick is not None
    return function.executable.quick


def sample(rows: int = 2, length: int = 9) -> tuple[Any, ...]:
    rng = np.random.default_rng(rows)
    x, cache = (rng.standard_normal((1, size, 16), np.float32) for size in (rows, length))
    return x, cache, 3


@pytest.mark.parametrize(("rows", "length"), [(1, 4), (2, 9), (5, 40), (0, 3)])
def test_results(step: CompiledFunction, rows: int, length: int) -> None:
    given, others = sample(rows, length), sample(rows, length)
    found = quick_of(step)(given)
    expected = step.executable(bind_arguments(step.signature, others, {}))
    assert found is not None
    assert found[1] is given[1]
    for array, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(array, other)


def test_each_call_has_results_of_its_own(step: CompiledFunction) -> None:
    given = sample()
    first, _ = step(*given)
    before = first.copy()
    step(given[0] + 1, *given[1:])
    np.testing.assert_array_equal(first, before)


def test_inputs_by_name(step: CompiledFunction) -> None:
    x, cache, position = sample()
    expected = step(x, cache.copy(), position)[0]
    np.testing.assert_array_equal(step(x, position=position, cache=cache.copy())[0], expected)
    for wrong in ({"x": x, "cache": cache, "place": position}, {"cache": cache, "position": position}):
        with pytest.raises(RlxcError, match=r"has no input 'place'|input 'x' is missing"):
            step(**wrong)
    with pytest.raises(RlxcError, match="input 'x' is given twice"):
        step(x, x=x, cache=cache)


x, cache, _ = sample()
CLOSER_LOOKS: dict[str, tuple[Any, ...]] = {
    "too few": (x, cache),
    "list": (x.tolist(), cache, 3),
    "other element type": (x.astype(np.float64), cache, 3),
    "other size": (x[:, :, :8], cache, 3),
    "columns first": (np.asfortranarray(x), cache, 3),
    "read only": (x, np.broadcast_to(cache, cache.shape), 3),
    "shared memory": (cache[:, :2], cache, 3),
    "flag": (x, cache, True),
    "number of NumPy": (x, cache, np.int64(3)),
    "float": (x, cache, 3.0),
    "too large": (x, cache, 2**63),
}


@pytest.mark.parametrize("case", CLOSER_LOOKS)
def test_inputs_that_are_looked_at_more_closely(step: CompiledFunction, case: str) -> None:
    before = cache.copy()
    assert quick_of(step)(CLOSER_LOOKS[case]) is None
    np.testing.assert_array_equal(cache, before)


def test_checks_of_the_program(step: CompiledFunction) -> None:
    given = (*sample()[:2], -1)
    with pytest.raises(RlxcError) as quick:
        quick_of(step)(given)
    with pytest.raises(RlxcError) as other:
        step.executable(bind_arguments(step.signature, given, {}))
    assert str(quick.value) == str(other.value)


def test_no_quick_calls_of_code_that_is_not_native(tmp_path: Path) -> None:
    file = tmp_path / "step.mlir"
    file.write_text(STEP)
    assert not isinstance(rlxc.compile(file, "numpy").executable, Quick)
