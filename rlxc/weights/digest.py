"""The fingerprint of a tensor's content."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray


def content_digest(array: NDArray[Any]) -> str:
    """`blake2b:` and 32 hexadecimal digits: BLAKE2b of dtype, shape and bytes (little-endian, row-major).

    Arrays with equal digests hold the same bits in the same shape and type.
    """
    stored = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).reshape(array.shape)
    digest = blake2b(f"{stored.dtype.str}{stored.shape}".encode(), digest_size=16)
    digest.update(stored.reshape(-1).data)
    return f"blake2b:{digest.hexdigest()}"
