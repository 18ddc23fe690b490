"""The decoders of ggml's quantized types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from gguf import quants
from gguf.constants import GGMLQuantizationType
from numpy.typing import NDArray

Decode = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


def decoder(kind: GGMLQuantizationType) -> Decode | None:
    """What makes rows of numbers of rows of bytes of a quantized type; None if there is none.

    `gguf.quants.dequantize` does the same sixteen rows at a time, with more arrays between.
    """
    quantization = cast(Any, getattr(quants, kind.name, None))
    if quantization is None:
        return None
    quantization.init_grid()

    def decode(rows: NDArray[np.uint8]) -> NDArray[np.float32]:
        # Scales may be infinite or NaN; then so are the numbers.
        with np.errstate(all="ignore"):
            return quantization.dequantize_rows(rows)

    return decode
