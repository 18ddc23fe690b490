"""Weights in panels, against the definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rlxc.native.packing import as_panels, packed_shape, panel_copies, panels
from rlxc.native.signature import Panels

Array = NDArray[Any]

rng = np.random.default_rng(5)


def packed(values: list[Array], how: Panels) -> Array:
    """The panels of matrices side by side."""
    columns = sum(value.shape[1] for value in values)
    result = np.zeros(packed_shape((values[0].shape[0], columns), how), np.float32)
    for target, source in panel_copies(values, how, result):
        assert not target.any(), "the copies overlap"
        target[...] = as_panels(source, target.shape)
    return result


def expected(value: Array, width: int) -> Array:
    """`panel[p, k, w] = value[k, p * width + w]`, zero beyond."""
    rows, columns = value.shape
    result = np.zeros((-(-columns // width), rows, width), np.float32)
    for column in range(columns):
        result[column // width, :, column % width] = value[:, column]
    return result


@pytest.mark.parametrize("sizes", [[1], [3], [4], [5], [8], [13], [4, 8], [3, 1, 9], [2, 1], [0, 5], [9, 7, 7]])
def test_matrices_side_by_side(sizes: list[int]) -> None:
    values = [rng.random((6, size)) + 1 for size in sizes]
    np.testing.assert_array_equal(packed(values, Panels(4)), expected(np.concatenate(values, 1).astype("f4"), 4))


@pytest.mark.parametrize("sizes", [[5, 5], [4, 4], [10], [2, 3, 5], [3, 4, 3]])
def test_gate_and_up_alternate(sizes: list[int]) -> None:
    values = [rng.random((6, size)) + 1 for size in sizes]
    result = packed(values, Panels(4, gated=True))
    gate, up = np.split(np.concatenate(values, 1).astype("f4"), 2, axis=1)
    np.testing.assert_array_equal(result[0::2], expected(gate, 4))
    np.testing.assert_array_equal(result[1::2], expected(up, 4))


@pytest.mark.parametrize("sizes", [[30], [10, 10, 10], [5, 5, 5, 5, 5, 5], [7, 20, 3]])
def test_experts_have_their_own_panels(sizes: list[int]) -> None:
    values = [rng.random((6, size)) + 1 for size in sizes]
    result = np.split(packed(values, Panels(4, gated=True, experts=3)), 3)
    for own, expert in zip(result, np.split(np.concatenate(values, 1).astype("f4"), 3, axis=1), strict=True):
        np.testing.assert_array_equal(own, packed([expert], Panels(4, gated=True)))
    result = np.split(packed(values, Panels(4, experts=3)), 3)
    for own, expert in zip(result, np.split(np.concatenate(values, 1).astype("f4"), 3, axis=1), strict=True):
        np.testing.assert_array_equal(own, expected(expert, 4))


def test_stored_transposed_and_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "BLOCK_BYTES", 2 * 6 * 4 * 4)
    stored = rng.random((27, 6)).astype(np.float16) + 1
    copies = list(panel_copies([stored.T], Panels(4), np.zeros((7, 6, 4), np.float32)))
    assert [target.shape for target, _ in copies] == [(2, 6, 4)] * 3 + [(6, 3)]
    assert all(np.shares_memory(source, stored) for _, source in copies)
    np.testing.assert_array_equal(packed([stored.T], Panels(4)), expected(stored.T, 4))
