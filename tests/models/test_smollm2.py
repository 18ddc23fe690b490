"""A layer with the weights of SmolLM2 135M, which its GGUF file holds quantized."""

from __future__ import annotations

import mmap
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rlxc
from rlxc.cli import main
from rlxc.weights.gguf_file import GgufFile
from rlxc.weights.gguf_header import read_header

LAYER = Path(__file__).parents[2] / "examples" / "smollm2_layer.py"


@pytest.fixture(scope="session")
def metadata(smollm2: Path) -> Mapping[str, Any]:
    """What the file says of the model."""
    with smollm2.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return dict(read_header(memoryview(bytes(data))).metadata)


def test_file_is_the_model_of_the_example(metadata: Mapping[str, Any]):
    expected = {
        "general.architecture": "llama",
        "llama.embedding_length": 576,
        "llama.attention.head_count": 9,
        "llama.attention.head_count_kv": 3,
        "llama.rope.dimension_count": 64,
        "llama.rope.freq_base": 100000.0,
        "llama.context_length": 8192,
    }
    assert {key: metadata[key] for key in expected} == expected
    assert metadata["llama.attention.layer_norm_rms_epsilon"] == np.float32(1e-5)


@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_layer_agrees_with_reference(smollm2: Path, target: str, capsys: pytest.CaptureFixture[str]):
    options = ["--weights", str(smollm2), "--target", target, "--input", "x=random:0:2x40x576", "--check"]
    assert main(["run", str(LAYER), *options]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"check 0: max error \S+ of max \|reference\|, limit 1e-05: ok", printed), printed


def test_later_positions_change_nothing(smollm2: Path):
    """The layer is causal: the results of a prefix are a prefix of the results."""
    layer = rlxc.compile(LAYER, target="native", weights=smollm2)
    x = np.random.default_rng(1).standard_normal((1, 24, 576), np.float32)
    longer, shorter = (layer(x[:, :size]) for size in (24, 11))
    assert isinstance(longer, np.ndarray)
    np.testing.assert_allclose(longer[:, :11], shorter, rtol=0, atol=1e-5 * np.abs(longer).max())


def test_rows_of_q_are_in_hugging_face_order(smollm2: Path):
    """The file interleaves the halves of each head: row 1 of a head is row 32 of the model."""
    weights = GgufFile(smollm2)
    stored, model = weights.get("blk.0.attn_q.weight"), weights.get("model.layers.0.self_attn.q_proj.weight")
    np.testing.assert_array_equal(model[[0, 32, 1, 33]], stored[:4])
    np.testing.assert_array_equal(model[64 + 32], stored[64 + 1])
