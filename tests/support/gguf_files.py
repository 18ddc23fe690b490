"""GGUF files for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter
from numpy.typing import NDArray


def save_gguf(
    path: Path,
    architecture: str,
    metadata: Mapping[str, Any],
    tensors: Mapping[str, NDArray[Any]],
    kinds: Mapping[str, GGMLQuantizationType] = MappingProxyType({}),
) -> Path:
    """Write a GGUF file; keys that begin with a dot get the architecture in front. `kinds` are those of raw bytes."""
    writer = GGUFWriter(path, architecture)
    for key, value in metadata.items():
        add(writer, f"{architecture}{key}" if key.startswith(".") else key, value)
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor, raw_dtype=kinds.get(name))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def add(writer: GGUFWriter, key: str, value: Any) -> None:
    """Write a value with the type that converters give it."""
    match value:
        case bool():
            writer.add_bool(key, value)
        case int():
            writer.add_uint32(key, value)
        case float():
            writer.add_float32(key, value)
        case str():
            writer.add_string(key, value)
        case _:
            writer.add_array(key, value)


def zeros(**shapes: tuple[int, ...]) -> dict[str, NDArray[Any]]:
    """Tensors by name; two underscores are a dot."""
    return {name.replace("__", "."): np.zeros(shape, np.float32) for name, shape in shapes.items()}
