"""The target `native`: what a second compile of the same program costs, and that it says the same."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

import rlxc
from rlxc import RlxcError
from rlxc.diagnostics import parse_module
from rlxc.inspect.pipeline_text import parse_fusion
from rlxc.inspect.registry import make_context
from rlxc.native.object_cache import VARIABLE
from rlxc.runtime import fusion, native_target

EXAMPLE = Path(__file__).parents[2] / "examples" / "sliding_window.mlir"
X = np.random.default_rng(1).standard_normal((1, 5, 512)).astype(np.float32)
MASK = np.ones((1, 5), np.bool_)

WEIGHTS = {"w": np.ones((4, 3), np.float32), "v": np.zeros((4, 3), np.float32)}


def linear(key: str) -> ModuleOp:
    """A product with the weight of that key."""
    text = f"""
func.func @linear(%x: tensor<1x?x4xf32>) -> tensor<1x?x3xf32> {{
  %w = rlx.param "{key}" : tensor<4x3xf32>
  %y = rlx.matmul %x, %w : tensor<1x?x4xf32>, tensor<4x3xf32>
  return %y : tensor<1x?x3xf32>
}}"""
    return parse_module(make_context(), text)


def never(*_arguments: Any, **_options: Any) -> Any:
    """Lowering that must not happen."""
    raise AssertionError("lowered again")


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))


def test_same_program_is_lowered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = rlxc.compile(EXAMPLE, "native", "random:0")
    monkeypatch.setattr(native_target, "lower_to", never)
    monkeypatch.setattr(fusion, "lower_to", never)
    monkeypatch.setattr(subprocess, "Popen", never)
    second = rlxc.compile(EXAMPLE, "native", "random:0")
    np.testing.assert_array_equal(first(X, MASK), second(X, MASK))
    for text in ("source", "ir", "fused_ir", "remarks"):
        assert getattr(first, text) == getattr(second, text) != ""
    for pipeline in (None, "", "rlx-merge-projections"):
        with pytest.raises(AssertionError, match="lowered again"):
            rlxc.compile(EXAMPLE, "native", "random:0", pipeline)


def test_passes_of_other_packages_run_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """They may have changed. What they make tells whether it has to be lowered."""
    monkeypatch.setattr(fusion, "KNOWN_PACKAGES", ("xdsl",))
    rlxc.compile(linear("w"), "native", WEIGHTS, "rlx-merge-projections")
    with monkeypatch.context() as context:
        context.setattr(native_target, "lower_to", never)
        rlxc.compile(linear("w"), "native", WEIGHTS, "rlx-merge-projections")
    monkeypatch.setattr(fusion, "lower_to", never)
    with pytest.raises(AssertionError, match="lowered again"):
        rlxc.compile(linear("w"), "native", WEIGHTS, "rlx-merge-projections")


def test_default_pipeline_is_what_its_text_says() -> None:
    """So that its passes need not be looked at."""
    assert all(map(fusion.is_known, parse_fusion(fusion.DEFAULT_PIPELINE)))


def test_texts_are_those_of_other_targets() -> None:
    native, numpy = (rlxc.compile(EXAMPLE, target, "random:0") for target in ("native", "numpy"))
    assert (native.ir, native.fused_ir, native.remarks) == (numpy.ir, numpy.fused_ir, numpy.remarks)


def test_kept_program_checks_weights() -> None:
    rlxc.compile(linear("w"), "native", WEIGHTS)
    with pytest.raises(RlxcError, match=r"has shape \[4, 4\], expected \[4, 3\]"):
        rlxc.compile(linear("w"), "native", {"w": np.ones((4, 4), np.float32)})


def test_kept_program_can_be_profiled() -> None:
    """It is fused for that, as it was when it was compiled, not as its owner has changed it since."""
    first = rlxc.compile(linear("w"), "native", WEIGHTS)
    module = linear("w")
    second = rlxc.compile(module, "native", WEIGHTS)
    module.body.block.erase_op(next(iter(module.ops)))
    x = np.ones((1, 2, 4), np.float32)
    texts = [[one.text for one in row.operations] for row in second.profile(x).rows]
    assert texts == [[one.text for one in row.operations] for row in first.profile(x).rows]


def test_other_keys_are_another_program() -> None:
    x = np.ones((1, 2, 4), np.float32)
    for key, expected in (("w", 4.0), ("v", 0.0), ("w", 4.0)):
        np.testing.assert_array_equal(rlxc.compile(linear(key), "native", WEIGHTS)(x), np.full((1, 2, 3), expected))


def test_messages_name_the_place_in_this_file(tmp_path: Path) -> None:
    """The same program in another place of another file."""
    moved = tmp_path / "moved.mlir"
    moved.write_text("\n\n" + EXAMPLE.read_text())
    places: list[str] = []
    for path in (EXAMPLE, moved):
        function = rlxc.compile(path, "native", "random:0")
        with pytest.raises(RlxcError, match="more positions than") as failure:
            function(np.zeros((1, 9000, 512), np.float32), np.ones((1, 9000), np.bool_))
        places.append(str(failure.value))
    assert "sliding_window.mlir:15:5" in places[0]
    assert "moved.mlir:17:5" in places[1]
