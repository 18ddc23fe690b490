"""Tensors of a GGUF file, dequantized."""

from __future__ import annotations

import mmap
from collections.abc import Collection
from pathlib import Path
from typing import Any, cast

import numpy as np
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
from gguf.quants import dequantize

from rlxc.diagnostics import RlxcError
from rlxc.weights.files import damaged, reading
from rlxc.weights.gguf_header import GgufFormatError, TensorInfo, read_header
from rlxc.weights.gguf_names import hugging_face_names
from rlxc.weights.source import Array, require_key

PLAIN = {"F64": "<f8", "I8": "<i1", "I16": "<i2", "I32": "<i4", "I64": "<i8"}
"""Types that are not dequantized to float32."""

KINDS = {int(kind): kind for kind in GGMLQuantizationType}
"""The ggml types by their number in a file."""


class GgufFile:
    """The tensors of a GGUF file, read and dequantized to float32 on request.

    They have the names of the file, `blk.0.attn_q.weight`, and for the architectures in
    `gguf_names.LAYERS` also those of Hugging Face, `model.layers.0.self_attn.q_proj.weight`. Under
    a Hugging Face name a tensor is what Hugging Face has: rows that the writer of the file
    permuted (q and k of `llama`) or shifted (norms of Gemma) are as they were before.
    """

    def __init__(self, path: Path):
        self.path = path
        with reading(path, GgufFormatError, ValueError), path.open("rb") as stream:
            self._data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            header = read_header(memoryview(self._data))
        self._tensors = dict(header.tensors)
        self._aliases = hugging_face_names(self._tensors, header.metadata)
        for name, info in self._tensors.items():
            self._check_place(name, info)

    def __str__(self) -> str:
        return f"'{self.path}'"

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return self._tensors.keys() | self._aliases.keys()

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        return self._tensors[self._stored_name(key)].shape

    def get(self, key: str) -> Array:
        """See `WeightSource`. Raises RlxcError for a quantization that cannot be decoded."""
        name = self._stored_name(key)
        values = self._read(name, self._tensors[name])
        undo = self._aliases[key].undo if key in self._aliases else None
        if undo is None:
            return values
        with reading(self.path, ValueError):
            return undo(values)

    def _stored_name(self, key: str) -> str:
        require_key(self, key)
        return self._aliases[key].tensor if key in self._aliases else key

    def _check_place(self, name: str, info: TensorInfo) -> None:
        """Raise unless the tensor's bytes lie within the file. Unknown types are reported when they are read."""
        if info.type not in KINDS:
            return
        block, _ = GGML_QUANT_SIZES[KINDS[info.type]]
        if row_length(info) % block:
            raise damaged(self.path, f"tensor '{name}' has rows of {row_length(info)}, not whole blocks of {block}")
        end = info.offset + byte_size(info)
        if end > len(self._data):
            raise damaged(self.path, f"tensor '{name}' ends at byte {end}, but the file has {len(self._data)}")

    def _read(self, name: str, info: TensorInfo) -> Array:
        if info.type not in KINDS:
            raise self._unsupported(name, str(info.type))
        kind = KINDS[info.type]
        if kind.name in PLAIN:
            return np.frombuffer(self._data, PLAIN[kind.name], info.elements, info.offset).reshape(info.shape)
        if not info.elements:
            return np.zeros(info.shape, np.float32)
        raw = np.frombuffer(self._data, np.uint8, byte_size(info), info.offset)
        try:
            values = cast(Any, dequantize(raw.reshape(info.elements // row_length(info), -1), kind))
        except NotImplementedError as error:
            raise self._unsupported(name, kind.name) from error
        return cast(Array, values.reshape(info.shape))

    def _unsupported(self, name: str, kind: str) -> RlxcError:
        return damaged(self.path, f"tensor '{name}' has the unsupported ggml type {kind}", "use another quantization")


def row_length(info: TensorInfo) -> int:
    """The size of the last axis, which quantization blocks do not cross."""
    return info.shape[-1] if info.shape else 1


def byte_size(info: TensorInfo) -> int:
    """How many bytes a tensor takes in the file."""
    block, size = GGML_QUANT_SIZES[KINDS[info.type]]
    return info.elements // block * size
