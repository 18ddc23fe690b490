"""Weight files for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import safetensors.numpy
from numpy.typing import NDArray


def save_safetensors(path: Path, arrays: Mapping[str, NDArray[Any]], metadata: dict[str, str] | None = None) -> None:
    """Write a safetensors file."""
    cast(Any, safetensors.numpy).save_file(dict(arrays), path, metadata=metadata)
