"""The header of a GGUF file: metadata, and where each tensor lies.

Version 3 (2 is alike): magic `GGUF`, u32 version, u64 tensor count, u64 metadata count; then
the metadata (key, u32 type, value), then the tensors (name, u32 rank, u64 sizes innermost
first, u32 type, u64 offset). Strings are a u64 length and bytes. Tensor data starts at the
next multiple of `general.alignment`. Every count is checked against the bytes that are left,
and arrays are not copied, so that a header takes no more memory than the file that holds it.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

MAGIC = b"GGUF"
VERSIONS = (2, 3)
STRING, ARRAY = 8, 9
SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""The `struct` code of each metadata type of fixed size."""

MAX_RANK = 8
MAX_NAME = 1024
"""Bytes of a key or of the name of a tensor; ggml itself takes names of 64."""


class GgufFormatError(Exception):
    """The bytes are not a GGUF header."""


@dataclass(frozen=True)
class TensorInfo:
    """Where a tensor lies: its NumPy shape, its ggml type, and its offset from the start of the file."""

    shape: tuple[int, ...]
    type: int
    offset: int

    @property
    def elements(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class GgufHeader:
    """Metadata and tensors of a file. The metadata holds scalars, strings, arrays of numbers, and `GgufStrings`."""

    metadata: Mapping[str, Any]
    tensors: Mapping[str, TensorInfo]


@dataclass(frozen=True)
class GgufStrings:
    """An array of strings, which are decoded one after the other when they are asked for."""

    data: memoryview
    position: int
    count: int

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[str]:
        for start, end in string_places(self.data, self.position, self.count):
            yield str(self.data[start:end], "utf-8", "replace")


def string_places(data: memoryview, position: int, count: int) -> Iterator[tuple[int, int]]:
    """Where each of `count` strings begins and ends. Raises GgufFormatError if one ends beyond the data."""
    size, length = len(data), struct.Struct("<Q").unpack_from
    for _ in range(count):
        start = position + 8
        position = start + length(data, position)[0] if start <= size else start
        if position > size:
            raise GgufFormatError(f"a string ends at byte {position}, but the file has {size}")
        yield start, position


class Cursor:
    """Reads little-endian values one after the other; never past the end."""

    def __init__(self, data: memoryview):
        self.data = data
        self.position = 0

    def take(self, size: int) -> memoryview:
        """The next `size` bytes."""
        left = len(self.data) - self.position
        if size > left:
            raise GgufFormatError(f"{size} bytes are needed at byte {self.position}, but only {left} are left")
        self.position += size
        return self.data[self.position - size : self.position]

    def numbers(self, code: str, count: int = 1) -> tuple[Any, ...]:
        """The next `count` numbers of a `struct` code."""
        return struct.unpack(f"<{count}{code}", self.take(struct.calcsize(f"<{code}") * count))

    def number(self, code: str) -> Any:
        """The next number of a `struct` code."""
        return self.numbers(code)[0]

    def string(self) -> str:
        """The next string."""
        return bytes(self.take(self.number("Q"))).decode("utf-8", "replace")

    def name(self) -> str:
        """The next string, which names something."""
        size = int.from_bytes(self.data[self.position : self.position + 8], "little")
        if size > MAX_NAME:
            raise GgufFormatError(f"{size} bytes are needed for the name at byte {self.position}, expected {MAX_NAME}")
        return self.string()


def read_header(data: memoryview) -> GgufHeader:
    """The header at the start of `data`, which is the whole file. Raises GgufFormatError."""
    cursor = Cursor(data)
    if bytes(cursor.take(4)) != MAGIC:
        raise GgufFormatError("it does not start with 'GGUF'")
    version = cursor.number("I")
    if version not in VERSIONS:
        raise GgufFormatError(f"its version is {version}, expected one of {', '.join(map(str, VERSIONS))}")
    tensor_count, metadata_count = cursor.numbers("Q", 2)
    metadata = {cursor.name(): read_value(cursor, cursor.number("I")) for _ in range(metadata_count)}
    tensors = [read_tensor(cursor) for _ in range(tensor_count)]
    start = aligned(cursor.position, metadata.get("general.alignment", 32))
    placed = {name: TensorInfo(info.shape, info.type, start + info.offset) for name, info in tensors}
    if len(placed) < tensor_count:
        raise GgufFormatError("two tensors have the same name")
    return GgufHeader(metadata, placed)


def read_value(cursor: Cursor, kind: int) -> Any:
    """A metadata value: a number, a string, or an array of one of them."""
    if kind in SCALARS:
        return cursor.number(SCALARS[kind])
    if kind == STRING:
        return cursor.string()
    if kind != ARRAY:
        raise GgufFormatError(f"unknown metadata type {kind} at byte {cursor.position}")
    element, count = cursor.number("I"), cursor.number("Q")
    if element in SCALARS:
        dtype = np.dtype(SCALARS[element]).newbyteorder("<")
        return np.frombuffer(cursor.take(dtype.itemsize * count), dtype)
    if element != STRING:
        raise GgufFormatError(f"unknown array type {element} at byte {cursor.position}")
    strings = GgufStrings(cursor.data, cursor.position, count)
    for _, cursor.position in string_places(cursor.data, cursor.position, count):
        pass
    return strings


def read_tensor(cursor: Cursor) -> tuple[str, TensorInfo]:
    """The name and place of a tensor; the offset counts from the start of the data."""
    name, rank = cursor.name(), cursor.number("I")
    if rank > MAX_RANK:
        raise GgufFormatError(f"tensor '{name}' has rank {rank}, expected at most {MAX_RANK}")
    sizes = cursor.numbers("Q", rank)
    return name, TensorInfo(tuple(reversed(sizes)), cursor.number("I"), cursor.number("Q"))


def aligned(position: int, alignment: object) -> int:
    """The next multiple of `alignment`, a power of two."""
    if not isinstance(alignment, int) or alignment < 1 or alignment & (alignment - 1):
        raise GgufFormatError(f"'general.alignment' is {alignment!r}, expected a power of two")
    return -(-position // alignment) * alignment
