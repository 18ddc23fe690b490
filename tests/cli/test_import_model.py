"""Whole models as programs: `rlxc import`, and `compile`, `run` and `inspect` of a model."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from reference_models import loaded, reference
from rlxc.models.config import DecoderConfig
from rlxc.models.recipes import cache_states

Rlxc = Callable[..., tuple[int, str, str]]

MODELS = Path(__file__).parents[1] / "data" / "models"
NAMES = ("llama_tiny", "gemma4_tiny_dense", "phi3_partial", "llama_yarn_mqa_biased", "mixtral", "gemma4_moe")
"""Also with projections that are parts of tensors, rope tables that no formula gives, and experts."""


@pytest.mark.parametrize("name", NAMES)
def test_imported_program_is_the_model(name: str, rlxc: Rlxc, tmp_path: Path):
    program, ids, logits = (tmp_path / file for file in ("model.mlir", "ids.npy", "logits.npy"))
    np.save(ids, reference(name).ids)
    assert rlxc("import", MODELS / name, "-o", program) == (0, "", "")
    given = ("--input", f"ids={ids}", "--input", "position=0")
    if "window_position" in program.read_text():
        given += ("--input", "window_position=0")
    caches = [("--input", f"{state}=random:0:1x64x{width}") for state, width in states(name)]
    options = (*given, *(word for pair in caches for word in pair), "--save", logits)
    code, _, errors = rlxc("run", program, "--weights", MODELS / name, *options)
    assert (code, errors) == (0, "")
    np.testing.assert_allclose(np.load(logits), loaded(name, "numpy").logits(reference(name).ids), rtol=0, atol=1e-4)


def states(name: str) -> list[tuple[str, int]]:
    config = loaded(name, "numpy").config
    assert isinstance(config, DecoderConfig)
    return [(state.name, state.features) for state in cache_states(config)]


def test_compile(rlxc: Rlxc):
    code, text, _ = rlxc("compile", MODELS / "gemma3_tiny", "--emit=fused")
    assert code == 0
    assert text.count("rlx.glu_matmul") == 2, "one for each kind of layers"


def test_inspect(rlxc: Rlxc):
    code, text, _ = rlxc("inspect", MODELS / "gemma4_tiny_dense")
    assert code == 0
    assert "4 layers, 2 different" in text
    assert f"K and V are one tensor in 2 layers: {2 * 32 * 4} bytes a token less" in text
    assert "one call, B = 1, S = 1" in text
    assert "[rlx-fuse-glu] fused in 4 of 4 layers: " in text
    assert "[rlx-eliminate-repeat-kv] fused in 2 of 4 layers: " in text


def test_inspect_experts(rlxc: Rlxc):
    """Each has 3 * 48 * 80 parameters; two of four are left out, in both layers."""
    _, text, _ = rlxc("inspect", MODELS / "mixtral")
    assert "parameters: 120,432, of 41 tensors" in text
    assert f"experts: 2 of 4 in 2 layers; {120432 - 2 * 2 * 11520:,} parameters a token" in text


def test_inspect_counts_of_a_prompt(rlxc: Rlxc):
    _, text, _ = rlxc("inspect", MODELS / "llama_tiny", "--json", "--dims", "S=16,C=16")
    report = json.loads(text)
    assert report["sizes"] == {"B": 1, "S": 16, "C": 16}
    assert report["after"]["by_name"]["rlx.glu_matmul"] == 3


@pytest.mark.parametrize("command", ["import", "compile", "inspect"])
def test_no_model(command: str, rlxc: Rlxc, tmp_path: Path):
    code, text, errors = rlxc(command, tmp_path)
    assert (code, text) == (1, "")
    assert f"{tmp_path}" in errors
    assert "Traceback" not in errors
