"""The fingerprint of a tensor's content."""

from __future__ import annotations

import re
from hashlib import blake2b

import numpy as np

from rlxc.weights import content_digest

ARRAY = np.arange(6, dtype=np.float32).reshape(2, 3)


def test_definition() -> None:
    expected = blake2b(b"<f4(2, 3)" + ARRAY.tobytes(), digest_size=16).hexdigest()
    assert content_digest(ARRAY) == f"blake2b:{expected}"


def test_layout_in_memory_does_not_matter() -> None:
    assert content_digest(np.asfortranarray(ARRAY)) == content_digest(ARRAY)
    assert content_digest(ARRAY.astype(">f4")) == content_digest(ARRAY)
    assert content_digest(np.repeat(ARRAY, 2, axis=1)[:, ::2]) == content_digest(ARRAY)


def test_content_shape_and_type_matter() -> None:
    changed = ARRAY.copy()
    changed[1, 2] = np.nextafter(changed[1, 2], 9)
    others = [changed, ARRAY.reshape(3, 2), ARRAY.T, ARRAY.astype(np.float64), ARRAY[:1], -0.0 * ARRAY]
    assert len({content_digest(array) for array in (ARRAY, *others)}) == len(others) + 1


def test_empty_and_scalar_arrays() -> None:
    for array in (np.zeros((0, 3), np.float32), np.array(1.5)):
        assert re.fullmatch("blake2b:[0-9a-f]{32}", content_digest(array))
