"""Packed weights that are kept from run to run: which, under which keys, and that nothing is decoded again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rlxc.native.object_cache import VARIABLE as DIRECTORY
from rlxc.native.pack_cache import VARIABLE, PackCache
from rlxc.native.packing import packed_shape
from rlxc.native.signature import ArrayType, Panels, Parameter, Weight
from rlxc.runtime import kept_panels
from rlxc.runtime.arguments import Array
from rlxc.runtime.idle_work import IDLE_WORK
from rlxc.runtime.packing import parameter_values
from rlxc.runtime.parameters import LoadedParams
from rlxc.weights import MappingWeights, ParamSpec, encoded
from rlxc.weights.encoded import EncodedMatrix
from rlxc.weights.source import Stored

ROWS, LENGTH = 24, 16
RAW = np.random.default_rng(4).integers(0, 255, (ROWS, LENGTH), dtype=np.uint8)
PLAIN = np.random.default_rng(5).standard_normal((ROWS, LENGTH)).astype(np.float32)


class Encoded(MappingWeights):
    """Weights some of which are encoded; counts the rows that are decoded."""

    decoded = 0

    def stored(self, key: str) -> Stored:
        raw = self.get(key)
        return EncodedMatrix(raw, LENGTH, self.decode, "bytes") if raw.dtype == np.uint8 else raw

    def release(self, key: str) -> None: ...

    def decode(self, rows: NDArray[np.uint8]) -> NDArray[np.float32]:
        type(self).decoded += len(rows)
        return rows.astype(np.float32) - 100


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PackCache:
    """An empty cache in which small weights are kept, too."""
    monkeypatch.setenv(DIRECTORY, str(tmp_path / "cache"))
    monkeypatch.setattr(kept_panels, "LEAST_BYTES", 1)
    monkeypatch.setattr(kept_panels, "HASHED_BYTES", 100)
    monkeypatch.setattr(Encoded, "decoded", 0)
    return PackCache(tmp_path / "cache", 10**9)


def packed(arrays: dict[str, Array], panels: Sequence[Panels] = (Panels(8),), joined: bool = False) -> list[Array]:
    """Each of the arrays in each of the panels, or all of them side by side."""
    keys = [tuple(arrays)] if joined else [(key,) for key in arrays]
    specs = [ParamSpec(some, (LENGTH, ROWS * len(some)), np.dtype("f4"), transposed=True) for some in keys]
    parameters = [parameter(spec, how) for spec in specs for how in panels]
    values = parameter_values(parameters, LoadedParams(specs, Encoded(arrays)), 2)
    IDLE_WORK.wait()
    return values


def parameter(spec: ParamSpec, panels: Panels) -> Parameter:
    """A weight in panels."""
    kind = ArrayType("f32", packed_shape((spec.shape[0], spec.shape[1]), panels))
    return Parameter("w", kind, Weight(spec.keys, spec.transposed), panels)


def in_panels(values: Array, width: int = 8) -> Array:
    """The panels of stored rows."""
    return values.reshape(-1, width, LENGTH).transpose(0, 2, 1)


def test_decoded_once(cache: PackCache) -> None:
    for _ in range(3):
        (found,) = packed({"w": RAW})
        np.testing.assert_array_equal(found, in_panels(RAW.astype("f4") - 100))
    assert Encoded.decoded == ROWS
    assert len(cache.entries()) == 1


def test_key_is_the_content_and_not_the_name(cache: PackCache) -> None:
    packed({"w": RAW})
    packed({"v": RAW.copy()})
    assert (Encoded.decoded, len(cache.entries())) == (ROWS, 1)
    changed = RAW.copy()
    changed[-1, -1] ^= 1
    (found,) = packed({"w": changed})
    np.testing.assert_array_equal(found, in_panels(changed.astype("f4") - 100))
    assert len(cache.entries()) == 2


def test_decoded_some_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as fill whole panels, even if that is more than a block."""
    monkeypatch.setattr(encoded, "BLOCK_ELEMENTS", 9 * LENGTH)
    for width, panels in ((8, 3), (12, 2), (4, 6)):
        (found,) = packed({"w": RAW}, [Panels(width)])
        np.testing.assert_array_equal(found, in_panels(RAW.astype("f4") - 100, width))
        assert len(found) == panels


def test_other_panels_are_other_entries(cache: PackCache) -> None:
    for _ in range(2):
        wide, gated = packed({"w": RAW}, (Panels(12), Panels(6, gated=True)))
        values = RAW.astype("f4") - 100
        np.testing.assert_array_equal(wide, in_panels(values, 12))
        np.testing.assert_array_equal(gated[1::2], in_panels(values[12:], 6))
    assert (Encoded.decoded, len(cache.entries())) == (2 * ROWS, 2)


def test_encoded_beside_plain(cache: PackCache) -> None:
    for plain in (PLAIN, PLAIN, -PLAIN):
        (found,) = packed({"w": RAW, "p": plain}, joined=True)
        np.testing.assert_array_equal(found, in_panels(np.concatenate([RAW.astype("f4") - 100, plain])))
    assert (Encoded.decoded, len(cache.entries())) == (2 * ROWS, 2)


def test_plain_and_small_ones_are_not_kept(cache: PackCache, monkeypatch: pytest.MonkeyPatch) -> None:
    packed({"p": PLAIN})
    monkeypatch.setattr(kept_panels, "LEAST_BYTES", 4 * RAW.size + 1)
    packed({"w": RAW})
    assert cache.entries() == []


def test_damage_costs_decoding(cache: PackCache) -> None:
    packed({"w": RAW})
    (entry,) = cache.entries()
    entry.write_bytes(bytes(entry.stat().st_size))
    for _ in range(2):
        (found,) = packed({"w": RAW})
        np.testing.assert_array_equal(found, in_panels(RAW.astype("f4") - 100))
    assert Encoded.decoded == 2 * ROWS


@pytest.mark.parametrize(("variable", "value"), [(DIRECTORY, "/proc/rlxc"), (DIRECTORY, "/dev/null"), (VARIABLE, "0")])
def test_no_cache_costs_decoding(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    for _ in range(2):
        (found,) = packed({"w": RAW})
        np.testing.assert_array_equal(found, in_panels(RAW.astype("f4") - 100))
    assert Encoded.decoded == 2 * ROWS


def test_program_that_is_larger_than_the_cache(cache: PackCache, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first weights stay there, and do not drive each other out."""
    monkeypatch.setenv(VARIABLE, str(2.5 * 4 * RAW.size / 1e9))
    arrays: dict[str, Array] = {str(number): RAW + np.uint8(number) for number in range(4)}
    for _ in range(3):
        found = packed(arrays)
        for one, raw in zip(found, arrays.values(), strict=True):
            np.testing.assert_array_equal(one, in_panels(raw.astype("f4") - 100))
    assert (Encoded.decoded, len(cache.entries())) == ((4 + 2 + 2) * ROWS, 2)
