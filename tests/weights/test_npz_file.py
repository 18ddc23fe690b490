"""Arrays of `.npz` archives, sound, damaged and hostile."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rlxc import RlxcError
from rlxc.weights import open_weights

ARRAYS: dict[str, Any] = {
    "layer.w": np.arange(12, dtype=np.float32).reshape(3, 4),
    "columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "half": np.array([1.5, 2.5], np.float16),
}


def npy(array: Any) -> bytes:
    """An array as the bytes of a `.npy` file."""
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def archive(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    """An archive with members as given."""
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_arrays(tmp_path: Path, save: Callable[..., None]) -> None:
    save(tmp_path / "a.npz", **ARRAYS)
    source = open_weights(tmp_path / "a.npz")
    assert set(source.keys()) == set(ARRAYS)
    for key, array in ARRAYS.items():
        assert source.shape(key) == array.shape
        assert source.get(key).dtype == array.dtype
        assert np.array_equal(source.get(key), array)


def test_missing_key(tmp_path: Path) -> None:
    source = open_weights(archive(tmp_path / "a.npz", {"weight.npy": npy([1.0])}))
    with pytest.raises(RlxcError, match=r"no weight 'wieght' in '.*a.npz' \(did you mean 'weight'\?\)"):
        source.shape("wieght")


def test_pickles_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", w=np.array([object()], dtype=object))
    source = open_weights(tmp_path / "a.npz")
    for read in (source.shape, source.get):
        with pytest.raises(RlxcError, match="array 'w' holds Python objects"):
            read("w")


@pytest.mark.parametrize("size", [0, 3, 100])
def test_archive_cut_short(tmp_path: Path, size: int) -> None:
    path = archive(tmp_path / "a.npz", {"w.npy": npy(np.ones(50))})
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(RlxcError, match=r"cannot read weights from '.*a.npz': "):
        open_weights(path)


def test_not_an_archive(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_text("weights")
    with pytest.raises(RlxcError, match="File is not a zip file"):
        open_weights(tmp_path / "a.npz")


def declared(shape: tuple[int, ...], dtype: str = "<f4", data: bytes = b"") -> bytes:
    """A `.npy` file whose header promises more than it holds."""
    stream = io.BytesIO()
    header = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue() + data


MEMBERS = {
    "fewer bytes than declared": (
        declared((1000, 1000), data=bytes(8)),
        "declares shape .* 4000128 bytes, but 136 bytes",
    ),
    "more memory than there is": (declared((2**40, 2**20)), "declares shape .* are stored"),
    "no header": (b"weights", "magic string"),
    "an empty member": (b"", "magic string"),
    "a header that is no dictionary": (npy([1.0])[:10] + b"[" + npy([1.0])[11:], "header"),
    "a header that does not end": (npy([1.0]).replace(b"(1,)", b"((1,"), "EOF"),
    "an unknown version": (npy([1.0])[:6] + b"\x09\x00" + npy([1.0])[8:], "unknown format version"),
    "a strange type": (declared((1,), dtype="what"), "valid dtype descriptor"),
}


@pytest.mark.parametrize("member", MEMBERS)
def test_damaged_member(tmp_path: Path, member: str) -> None:
    data, problem = MEMBERS[member]
    source = open_weights(archive(tmp_path / "a.npz", {"w.npy": data}))
    with pytest.raises(RlxcError, match=f"(?s)cannot read weights from '.*a.npz': .*{problem}"):
        source.get("w")


def test_flipped_bits_are_noticed(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.npz", {"w.npy": npy(np.ones(50))})
    data = bytearray(path.read_bytes())
    data[data.index(np.float64(1.0).tobytes())] ^= 1
    path.write_bytes(data)
    with pytest.raises(RlxcError, match="CRC"):
        open_weights(path).get("w")


def test_size_beyond_what_the_packed_bytes_can_hold(tmp_path: Path) -> None:
    """The directory of the archive and the header agree on a size that no deflate stream of this length has."""
    path = archive(tmp_path / "a.npz", {"w.npy": declared((1,), data=bytes(4))}, zipfile.ZIP_DEFLATED)
    with zipfile.ZipFile(path) as file:
        real = file.getinfo("w.npy").file_size
    huge = 2**31 - 1
    data = path.read_bytes().replace(real.to_bytes(4, "little"), huge.to_bytes(4, "little"))
    path.write_bytes(data)
    with pytest.raises(RlxcError, match="bytes are stored"):
        open_weights(path).get("w")
