"""Encoders as programs: `rlxc import`, `compile`, `run` and `inspect`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from rlxc import load_model

Rlxc = Callable[..., tuple[int, str, str]]

MODEL = Path(__file__).parents[1] / "data" / "encoders" / "bert_masked_lm"


def test_imported_program_is_the_model(rlxc: Rlxc, tmp_path: Path):
    program, ids, types, states = (tmp_path / name for name in ("model.mlir", "ids.npy", "types.npy", "states.npy"))
    with np.load(MODEL / "reference.npz") as reference:
        np.save(ids, reference["input_ids"])
        np.save(types, reference["token_type_ids"])
    assert rlxc("import", MODEL, "-o", program) == (0, "", "")
    given = ("--input", f"ids={ids}", "--input", f"token_types={types}")
    code, _, errors = rlxc("run", program, "--weights", MODEL, *given, "--save", states)
    assert (code, errors) == (0, "")
    expected = load_model(MODEL, "numpy").embed(np.load(ids), token_type_ids=np.load(types))
    np.testing.assert_allclose(np.load(states), expected, rtol=0, atol=1e-5)


def test_what_is_fused(rlxc: Rlxc):
    """Biases and nonlinearities are the matmuls' from the start; both residuals are added by them before the norms."""
    code, text, _ = rlxc("compile", MODEL, "--emit=fused")
    assert code == 0
    assert text.count("rlx.matmul") == 4, "of the one layer: Q, K and V, output, up, down"
    assert text.count(" residual(") == 2
    assert "activation(relu)" in text
    assert text.count("arith.addf") == 1, "the types of tokens"


def test_inspect(rlxc: Rlxc):
    code, text, _ = rlxc("inspect", MODEL)
    assert code == 0
    assert "bert: an encoder of 3 equal layers, of 24 features" in text
    assert "positions: 20, types of tokens: 3" in text
    assert "one call, B = 1, S = 512" in text
    assert "[rlx-fuse-epilogue] fused in 3 of 3 layers: adds the residual itself" in text
