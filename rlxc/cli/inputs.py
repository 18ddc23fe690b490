"""Inputs on the command line: array files, random numbers, whole numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from tokenize import TokenError

import numpy as np

from rlxc.diagnostics.errors import RlxcError, UsageError
from rlxc.diagnostics.suggest import did_you_mean
from rlxc.runtime.arguments import DTYPES, Array, Value
from rlxc.runtime.signature import InputSpec, ScalarSpec, Signature, TensorSpec

MOST_ELEMENTS = 2**31
"""The largest random array that is made."""

DEFAULT_SIZE = 8


def read_inputs(signature: Signature, texts: Iterable[str]) -> dict[str, Value]:
    """The value of every input of `signature`; those that `texts` do not give are random.

    Raises RlxcError or UsageError for an unknown input, a malformed value or an unreadable file.
    """
    given: dict[str, str] = {}
    for name, value in (split_text(signature, text) for text in texts):
        if name in given:
            raise UsageError(f"input '{name}' is given twice", hint="give each input one value")
        given[name] = value
    values = {one.name: read_value(one, given[one.name]) for one in signature.inputs if one.name in given}
    sizes = known_sizes(signature, values)
    for number, one in enumerate(signature.inputs):
        if one.name not in values:
            values[one.name] = default_value(one, sizes, number)
    return values


def split_text(signature: Signature, text: str) -> tuple[str, str]:
    """The name and the value in `name=value`."""
    name, equals, value = text.partition("=")
    if not equals or not value:
        raise UsageError(f"malformed input '{text}'", hint="write NAME=FILE.npy or NAME=random:SEED:SHAPE")
    if name not in signature.input_names:
        near = did_you_mean(name, signature.input_names)
        raise RlxcError(f"there is no input '{name}'{near}", hint=f"inputs: {', '.join(signature.input_names)}")
    return name, value


def read_value(one: InputSpec, text: str) -> Value:
    """The value that `text` stands for."""
    if isinstance(one.type, ScalarSpec):
        if not re.fullmatch(r"-?\d{1,18}", text):
            raise UsageError(f"input '{one.name}' is a whole number, got '{text}'")
        return int(text)
    if text.startswith("random:"):
        return random_from_text(one.name, one.type, text)
    return read_array(text)


def random_from_text(name: str, kind: TensorSpec, text: str) -> Array:
    """The random array that `random:SEED:SHAPE` stands for."""
    match = re.fullmatch(r"random:(?P<seed>\d{1,18}):(?P<shape>\d{1,10}([x,]\d{1,10})*)", text)
    if match is None:
        raise UsageError(
            f"malformed input '{name}={text}'", hint=f"write {name}=random:SEED:SHAPE, such as random:0:1x8x64"
        )
    shape = tuple(int(size) for size in re.split("[x,]", match["shape"]))
    return random_array(kind.element, shape, int(match["seed"]))


def random_array(element: str, shape: tuple[int, ...], seed: int) -> Array:
    """Normal random numbers; for integers small ones, for i1 mostly true."""
    elements = 1
    for size in shape:
        elements *= size
    if elements > MOST_ELEMENTS:
        raise RlxcError(f"a random array of shape {list(shape)} is too large")
    generator = np.random.default_rng(seed)
    dtype = DTYPES[element]
    if dtype.kind == "f":
        return generator.standard_normal(shape).astype(dtype)
    if dtype.kind == "b":
        return generator.random(shape) < 0.9
    return generator.integers(0, 2, shape).astype(dtype)


def read_array(path: str) -> Array:
    """The array in a `.npy` file."""
    try:
        with Path(path).open("rb") as stream:
            array = np.lib.format.read_array(stream, allow_pickle=False)
    except OSError as error:
        raise RlxcError(f"cannot read '{path}': {error.strerror}") from error
    except (ValueError, EOFError, SyntaxError, TokenError, MemoryError) as error:
        raise RlxcError(f"cannot read '{path}': not a .npy file of plain numbers") from error
    return array


def known_sizes(signature: Signature, values: dict[str, Value]) -> dict[str, int]:
    """The named sizes that the given arrays fix."""
    sizes: dict[str, int] = {}
    for one in signature.inputs:
        value = values.get(one.name)
        if isinstance(one.type, TensorSpec) and isinstance(value, np.ndarray):
            pairs = zip(one.type.shape, value.shape, strict=False)
            sizes.update((dim, size) for dim, size in pairs if isinstance(dim, str) and dim)
    return sizes


def default_value(one: InputSpec, sizes: dict[str, int], seed: int) -> Value:
    """A random array, or 0 for a number; a batch of 1 where the first axis is free."""
    if isinstance(one.type, ScalarSpec):
        return 0
    shape = tuple(
        size if isinstance(size, int) else sizes.get(size, 1 if axis == 0 else DEFAULT_SIZE)
        for axis, size in enumerate(one.type.shape)
    )
    return random_array(one.type.element, shape, seed)
