"""Matrices whose rows are decoded where they are needed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import dequantize, quantize

from rlxc.native.packing import packed_shape
from rlxc.native.signature import ArrayType, Panels, Parameter, Weight
from rlxc.runtime.packing import parameter_values
from rlxc.runtime.parameters import LoadedParams
from rlxc.weights import ParamSpec, encoded, load_param, open_weights
from rlxc.weights.encoded import EncodedMatrix
from rlxc.weights.source import WeightSource, stored

HEADS, ROWS, LENGTH = 2, 40, 64
RAW = quantize(np.random.default_rng(1).standard_normal((ROWS, LENGTH)).astype("f4"), GGMLQuantizationType.Q4_1)
VALUES = dequantize(RAW, GGMLQuantizationType.Q4_1)
NAME, PERMUTED = "blk.0.attn_q.weight", "model.layers.0.self_attn.q_proj.weight"
IN_ORDER = VALUES.reshape(HEADS, ROWS // HEADS // 2, 2, LENGTH).swapaxes(1, 2).reshape(ROWS, LENGTH)


@pytest.fixture
def source(tmp_path: Path) -> WeightSource:
    """A file with one quantized matrix, whose rows Hugging Face has in another order."""
    writer = GGUFWriter(tmp_path / "a.gguf", "llama")
    writer.add_head_count(HEADS)
    writer.add_tensor(NAME, RAW, raw_dtype=GGMLQuantizationType.Q4_1)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return open_weights(tmp_path / "a.gguf")


def matrix(source: WeightSource, key: str = NAME) -> EncodedMatrix:
    found = stored(source, key)
    assert isinstance(found, EncodedMatrix)
    return found


def test_rows_and_columns_of_the_transpose(source: WeightSource) -> None:
    one = matrix(source)
    assert (one.shape, one.T.shape) == (VALUES.shape, VALUES.T.shape)
    np.testing.assert_array_equal(one[5:9, :].values(), VALUES[5:9])
    np.testing.assert_array_equal(one.T[:, 5:9].values(), VALUES.T[:, 5:9])
    with pytest.raises(IndexError, match="cannot be divided"):
        one[:, 5:9]


@pytest.mark.parametrize("elements", [1, 3 * LENGTH, 2**20])
@pytest.mark.parametrize("key", [NAME, PERMUTED])
def test_decoded_in_blocks(source: WeightSource, monkeypatch: pytest.MonkeyPatch, elements: int, key: str) -> None:
    monkeypatch.setattr(encoded, "BLOCK_ELEMENTS", elements)
    expected = VALUES if key == NAME else IN_ORDER
    np.testing.assert_array_equal(source.get(key), expected)
    for transposed in (False, True):
        shape = expected.T.shape if transposed else expected.shape
        for dtype in (np.float32, np.float64):
            value = load_param(ParamSpec((key,), shape, np.dtype(dtype), transposed), source)
            assert value.dtype == dtype
            np.testing.assert_array_equal(value, expected.T if transposed else expected)


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("gated", [False, True])
def test_packed(source: WeightSource, transposed: bool, gated: bool) -> None:
    """Two matrices side by side; panels of 16 begin in one and end in the other."""
    keys, parts = (NAME, PERMUTED), [VALUES, IN_ORDER]
    value = np.concatenate([part.T if transposed else part for part in parts], axis=1)
    spec = ParamSpec(keys, value.shape, np.dtype("f4"), transposed)
    panels = Panels(16, gated)
    kind = ArrayType("f32", packed_shape((len(value), value.shape[1]), panels))
    parameter = Parameter("w", kind, Weight(keys, transposed), panels)
    (packed,) = parameter_values([parameter], LoadedParams([spec], source), 2)
    halves = np.split(value, 2, axis=1) if gated else [value]
    for number, half in enumerate(halves):
        found = packed[number :: len(halves)].transpose(1, 0, 2).reshape(len(value), -1)
        np.testing.assert_array_equal(found[:, : half.shape[1]], half)
        assert not found[:, half.shape[1] :].any()
