"""Tensors that are read where they lie: views of the file, converted in place, and released."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from rlxc.weights import ParamSpec, load_param, open_weights
from rlxc.weights.bfloat16 import BFLOAT16, copy_floats
from rlxc.weights.mapped_file import MappedFile
from rlxc.weights.source import MappedSource, release, stored

VALUES = np.array([[1.0, -0.5, 3.140625], [np.inf, -0.0, 2.0**-133]], np.float32)
BITS = (VALUES.view(np.uint32) >> 16).astype("<u2")


@pytest.fixture
def source(tmp_path: Path) -> MappedSource:
    """A file with the numbers as bfloat16, float32 and float16."""
    parts = {"b": ("BF16", BITS), "f": ("F32", VALUES), "h": ("F16", VALUES.astype(np.float16))}
    header, data = dict[str, object](), b""
    for key, (kind, array) in parts.items():
        header[key] = {
            "dtype": kind,
            "shape": [2, 3],
            "data_offsets": [len(data), len(data) + array.nbytes],
        }
        data += array.tobytes()
    text = json.dumps(header).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    opened = open_weights(path)
    assert isinstance(opened, MappedSource)
    return opened


def test_stored_tensors_are_views_of_the_file(source: MappedSource) -> None:
    assert stored(source, "b").dtype == BFLOAT16
    for key in ("b", "f", "h"):
        one, again = stored(source, key), stored(source, key)
        assert isinstance(one, np.ndarray)
        assert isinstance(again, np.ndarray)
        assert one.base is not None
        assert np.shares_memory(one, again)
        assert not one.flags.writeable


@pytest.mark.parametrize("transposed", [False, True])
def test_values_of_bfloat16_in_any_order(source: MappedSource, transposed: bool) -> None:
    found = np.empty((3, 2) if transposed else (2, 3), np.float32)
    copy_floats(found, stored(source, "b").T if transposed else stored(source, "b"))
    np.testing.assert_array_equal(found.view(np.uint32), (VALUES.T if transposed else VALUES).view(np.uint32))
    wide = np.empty((2, 3), np.float64)
    copy_floats(wide, stored(source, "b"))
    np.testing.assert_array_equal(wide, VALUES)


def test_several_types_in_one_parameter(source: MappedSource) -> None:
    spec = ParamSpec(("b", "f", "h"), (3, 6), np.dtype(np.float32), transposed=True)
    value = load_param(spec, source)
    halves = VALUES.astype(np.float16).astype(np.float32)
    np.testing.assert_array_equal(value, np.concatenate([VALUES, VALUES, halves]).T)
    assert value.flags.c_contiguous


def test_float32_is_not_copied(source: MappedSource) -> None:
    spec = ParamSpec(("f",), (2, 3), np.dtype(np.float32))
    kept = stored(source, "f")
    assert isinstance(kept, np.ndarray)
    assert np.shares_memory(load_param(spec, source), kept)


def test_released_tensors_come_back(source: MappedSource) -> None:
    before = stored(source, "f")
    release(source, ("b", "f"))
    np.testing.assert_array_equal(before, VALUES)
    np.testing.assert_array_equal(source.get("b"), VALUES)


def resident(file: MappedFile) -> int:
    """Bytes of the mapping that are in the memory of this process."""
    address = np.frombuffer(file.data, np.uint8).ctypes.data
    lines = iter(Path("/proc/self/smaps").read_text().splitlines())
    next(line for line in lines if line.startswith(f"{address:08x}-"))
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Rss:"))


def test_released_pages_leave_the_memory_of_the_process(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)) * 16384)
    file = MappedFile(path)
    whole = file.view(np.uint8, (4 << 20,), 0)
    assert int(whole.sum()) == 16384 * 255 * 128
    assert resident(file) == 4 << 20
    file.release(100, (4 << 20) - 100)
    assert resident(file) == 0
    assert int(whole.sum()) == 16384 * 255 * 128
