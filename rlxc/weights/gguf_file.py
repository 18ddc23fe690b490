"""Tensors of a GGUF file, dequantized."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
from numpy.typing import DTypeLike

from rlxc.diagnostics import RlxcError
from rlxc.weights.bfloat16 import BFLOAT16, floats
from rlxc.weights.encoded import EncodedMatrix
from rlxc.weights.files import damaged, reading
from rlxc.weights.gguf_header import GgufFormatError, TensorInfo, read_header
from rlxc.weights.gguf_names import Alias, hugging_face_names
from rlxc.weights.gguf_quants import decoder
from rlxc.weights.mapped_file import MappedFile
from rlxc.weights.source import Array, Stored, require_key

PLAIN: dict[str, DTypeLike] = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": BFLOAT16},
    **{"I8": "<i1", "I16": "<i2", "I32": "<i4", "I64": "<i8"},
}
"""The NumPy types of numbers that are not quantized."""

KINDS = {int(kind): kind for kind in GGMLQuantizationType}
"""The ggml types by their number in a file."""


MOST_ELEMENTS = 2**48
"""A limit on each size of a tensor, for those that have no elements."""


class GgufFile:
    """The tensors of a GGUF file in memory, dequantized to float32 on request.

    They have the names of the file, `blk.0.attn_q.weight`, and for the architectures in
    `ARCHITECTURES` also those of Hugging Face, `model.layers.0.self_attn.q_proj.weight`. Under
    a Hugging Face name a tensor is what Hugging Face has: rows that the writer of the file
    permuted (q and k of `llama`) or shifted (norms of Gemma) are as they were before, and each
    expert has its own.
    """

    def __init__(self, path: Path):
        self.path = path
        with reading(path, GgufFormatError, ValueError):
            self._file = MappedFile(path)
            header = read_header(memoryview(self._file.data))
            self.metadata = header.metadata
            self._tensors = dict(header.tensors)
            self._check_places()
            self.aliases = hugging_face_names(self._tensors, header.metadata)

    def __str__(self) -> str:
        return f"'{self.path}'"

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return self._tensors.keys() | self.aliases.keys()

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        return self._info(self._alias(key)).shape

    def get(self, key: str) -> Array:
        """See `WeightSource`. Raises RlxcError for a quantization that cannot be decoded."""
        values = floats(self.stored(key))
        return values.astype(np.float32) if values.dtype == np.float16 else values

    def stored(self, key: str) -> Stored:
        """See `MappedSource`. Quantized matrices are decoded by who needs them."""
        alias = self._alias(key)
        values = self._read(alias.tensor, self._info(alias))
        if alias.added:
            values = floats(values) + np.float32(alias.added)
        if alias.undo is None:
            return values
        with reading(self.path, ValueError):
            if isinstance(values, EncodedMatrix):
                return replace(values, raw=alias.undo(values.raw))
            return alias.undo(values)

    def release(self, key: str) -> None:
        """See `MappedSource`."""
        info = self._info(self._alias(key))
        if info.type in KINDS:
            self._file.release(info.offset, byte_size(info))

    def _alias(self, key: str) -> Alias:
        require_key(self, key)
        return self.aliases[key] if key in self.aliases else Alias(key)

    def _info(self, alias: Alias) -> TensorInfo:
        info = self._tensors[alias.tensor]
        if alias.part is None:
            return replace(info, shape=(1, *info.shape)) if alias.row and len(info.shape) == 1 else info
        offset = info.offset + alias.part * (byte_size(info) // info.shape[0])
        return TensorInfo(info.shape[1:], info.type, offset)

    def _check_places(self) -> None:
        """Raise unless the tensors lie within the file, one behind the other."""
        for name, info in self._tensors.items():
            self._check_place(name, info)
        known = {name: info for name, info in self._tensors.items() if info.type in KINDS and info.elements}
        ordered = sorted(known, key=lambda name: known[name].offset)
        for name, following in pairwise(ordered):
            if known[name].offset + byte_size(known[name]) > known[following].offset:
                raise damaged(self.path, f"the tensors '{name}' and '{following}' overlap")

    def _check_place(self, name: str, info: TensorInfo) -> None:
        """Raise unless the tensor's bytes lie within the file. Unknown types are reported when they are read."""
        if max(info.shape, default=0) > MOST_ELEMENTS:
            raise damaged(self.path, f"tensor '{name}' has the sizes {list(info.shape)}")
        if info.type not in KINDS:
            return
        block, _ = GGML_QUANT_SIZES[KINDS[info.type]]
        if row_length(info) % block:
            raise damaged(self.path, f"tensor '{name}' has rows of {row_length(info)}, not whole blocks of {block}")
        end = info.offset + byte_size(info)
        size = len(self._file.data)
        if end > size:
            raise damaged(self.path, f"tensor '{name}' ends at byte {end}, but the file has {size}")

    def _read(self, name: str, info: TensorInfo) -> Stored:
        if info.type not in KINDS:
            raise self._unsupported(name, str(info.type))
        kind = KINDS[info.type]
        if kind.name in PLAIN:
            return self._file.view(PLAIN[kind.name], info.shape, info.offset)
        if not info.elements:
            return np.zeros(info.shape, np.float32)
        rows = info.elements // row_length(info)
        raw = self._file.view(np.uint8, (rows, byte_size(info) // rows), info.offset)
        decode = decoder(kind)
        if decode is None:
            raise self._unsupported(name, kind.name)
        matrix = EncodedMatrix(raw, row_length(info), decode, f"ggml {kind.name}")
        return matrix if len(info.shape) == 2 else matrix.values().reshape(info.shape)

    def _unsupported(self, name: str, kind: str) -> RlxcError:
        return damaged(self.path, f"tensor '{name}' has the unsupported ggml type {kind}", "use another quantization")


def row_length(info: TensorInfo) -> int:
    """The size of the last axis, which quantization blocks do not cross."""
    return info.shape[-1] if info.shape else 1


def byte_size(info: TensorInfo) -> int:
    """How many bytes a tensor takes in the file."""
    block, size = GGML_QUANT_SIZES[KINDS[info.type]]
    return info.elements // block * size
