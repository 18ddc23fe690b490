"""A whole attention layer: the text is the committed one, and it computes what the reference does."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printed_numpy import ERROR, error, printed_rlx

HERE = Path(__file__).parent / "layer"
LAYER = (HERE / "llama.mlir").read_text()
RANDOM = np.random.default_rng(0)
WEIGHTS = {
    "input_layernorm.weight": 1 + RANDOM.standard_normal(64).astype(np.float32) / 10,
    "q_proj.weight": RANDOM.standard_normal((64, 64)).astype(np.float32) / 8,
    "k_proj.weight": RANDOM.standard_normal((32, 64)).astype(np.float32) / 8,
    "v_proj.weight": RANDOM.standard_normal((32, 64)).astype(np.float32) / 8,
    "o_proj.weight": RANDOM.standard_normal((64, 64)).astype(np.float32) / 8,
}


def test_the_text_is_the_committed_one():
    assert printed_rlx(LAYER).source == (HERE / "llama.py.expected").read_text()


def test_the_text_is_deterministic():
    assert printed_rlx(LAYER).source == printed_rlx(LAYER).source


def test_the_text_imports_only_numpy():
    module = ast.parse(printed_rlx(LAYER).source)
    imports = [node for node in ast.walk(module) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(node) for node in imports] == ["import numpy as np"]


def test_lines_are_short():
    assert max(map(len, printed_rlx(LAYER).source.splitlines())) <= 100


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 3), st.integers(0, 70), st.sampled_from([1, 500, 1 << 22]))
def test_computes_what_the_reference_does(batch: int, seq: int, scores_limit: int):
    x = np.random.default_rng(seq).standard_normal((batch, seq, 64)).astype(np.float32)
    assert error(LAYER, [x], WEIGHTS, scores_limit) <= ERROR["f32"]


def test_computes_in_float64():
    x = RANDOM.standard_normal((2, 9, 64))
    weights = {key: array.astype(np.float64) for key, array in WEIGHTS.items()}
    layer = LAYER.replace("f32", "f64")
    (found,) = printed_rlx(layer)(x, weights=weights)
    assert found.dtype == np.float64
    assert error(layer, [x], weights) <= ERROR["f64"]


def test_a_sequence_beyond_the_rope_tables_is_an_error():
    x = np.zeros((1, 129, 64), np.float32)
    with pytest.raises(ValueError, match=r"rlx\.attention.*: k has more positions than the rope tables hold \(128\)"):
        printed_rlx(LAYER)(x, weights=WEIGHTS)
