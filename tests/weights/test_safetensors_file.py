"""Tensors of safetensors files, sound and damaged."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rlxc import RlxcError
from rlxc.weights import open_weights
from weight_files import save_safetensors

ARRAYS = {
    "w": np.arange(12, dtype=np.float32).reshape(3, 4),
    "half": np.array([0.5, -2.0], np.float16),
    "double": np.array([[1e-300]]),
    "ids": np.array([1, 2, 3], np.int64),
}


def write(path: Path, header: bytes | dict[str, Any], data: bytes) -> Path:
    """A file with a header as given."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    save_safetensors(path, ARRAYS, {"format": "pt"})
    return path


def test_tensors(file: Path) -> None:
    source = open_weights(file)
    assert set(source.keys()) == set(ARRAYS)
    for key, array in ARRAYS.items():
        assert source.shape(key) == array.shape
        assert source.get(key).dtype == array.dtype
        assert np.array_equal(source.get(key), array)
    assert str(source) == f"'{file}'"


def test_bfloat16_is_exact(tmp_path: Path) -> None:
    values = np.array([[1.0, -0.5, 3.140625], [np.inf, -0.0, 2.0**-133]], np.float32)
    bits = (values.view(np.uint32) >> 16).astype("<u2")
    header = {
        "__metadata__": {"format": "pt"},
        "before": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
        "w": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [8, 20]},
    }
    source = open_weights(write(tmp_path / "a.safetensors", header, bytes(8) + bits.tobytes()))
    assert source.shape("w") == (2, 3)
    assert source.get("w").dtype == np.float32
    assert np.array_equal(source.get("w").view(np.uint32), values.view(np.uint32))


def test_missing_key_names_the_file(file: Path) -> None:
    for read in (open_weights(file).get, open_weights(file).shape):
        with pytest.raises(RlxcError, match=r"there is no weight 'hal' in '.*model.safetensors' \(did you mean 'half'"):
            read("hal")


def test_type_that_numpy_cannot_hold(tmp_path: Path) -> None:
    header = {"w": {"dtype": "F8_E4M3", "shape": [4], "data_offsets": [0, 4]}}
    source = open_weights(write(tmp_path / "a.safetensors", header, bytes(4)))
    with pytest.raises(RlxcError, match=r"weight 'w' in .* has the unsupported type F8_E4M3"):
        source.get("w")


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "shorter than the header size": lambda data: data[:4],
    "cut in the header": lambda data: data[:20],
    "cut in the data": lambda data: data[:-1],
    "bytes too many": lambda data: data + b"x",
    "header size beyond the file": lambda data: struct.pack("<Q", 2**62) + data[8:],
    "no JSON": lambda data: data[:8] + b"?" + data[9:],
    "a shape larger than its data": lambda data: data.replace(b'"shape":[3,4]', b'"shape":[9,4]'),
    "a shape beyond 64 bits": lambda _: (
        struct.pack("<Q", 77)
        + b'{"w":{"dtype":"F32","shape":[1099511627776,1099511627776],"data_offsets":[0,4]}}'
        + bytes(4)
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_file(file: Path, damage: str) -> None:
    data = DAMAGES[damage](file.read_bytes())
    assert data != file.read_bytes()
    file.write_bytes(data)
    with pytest.raises(RlxcError, match=r"cannot read weights from '.*model.safetensors': ") as caught:
        open_weights(file)
    assert caught.value.hint == "the file is damaged or incomplete: make or download it again"
