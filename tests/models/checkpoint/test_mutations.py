"""Damaged copies of small models: each opens, or is refused with one clear error, in bounded memory and time."""

from __future__ import annotations

import random
import shutil
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rlxc import RlxcError
from rlxc.models.checkpoint import open_checkpoint

DATA = Path(__file__).parents[2] / "data"
GGUF, MODEL = DATA / "gguf" / "llama_q8_0.gguf", DATA / "models" / "llama_tiny"
HUGE = (0, 2**31, 2**32 - 1, 2**48, 2**63 - 1, 2**64 - 1)
MOST_MEMORY = 64 * 2**20
MOST_MESSAGE = 2000

Mutation = Callable[[random.Random, bytearray, int], None]


def flip(rng: random.Random, data: bytearray, header: int) -> None:
    """Some bits of the header."""
    for _ in range(rng.randint(1, 4)):
        data[rng.randrange(header)] ^= 1 << rng.randrange(8)


def cut(rng: random.Random, data: bytearray, header: int) -> None:
    """The end is missing."""
    del data[rng.randrange(len(data)) :]


def enlarge(rng: random.Random, data: bytearray, header: int) -> None:
    """A number of the header is absurd."""
    at = rng.randrange(header - 8)
    data[at : at + 8] = rng.choice(HUGE).to_bytes(8, "little")


def drop(rng: random.Random, data: bytearray, header: int) -> None:
    """Some bytes are missing."""
    at = rng.randrange(header)
    del data[at : at + rng.randint(1, 40)]


def repeat(rng: random.Random, data: bytearray, header: int) -> None:
    """A part of the header is there twice."""
    at = rng.randrange(header)
    data[at:at] = data[at : at + rng.randint(1, 200)]


MUTATIONS: tuple[Mutation, ...] = (flip, cut, enlarge, drop, repeat)


def mutated(seed: int, data: bytes, header: int) -> bytes:
    rng, damaged = random.Random(seed), bytearray(data)
    MUTATIONS[seed % len(MUTATIONS)](rng, damaged, header)
    return bytes(damaged)


def error_of(path: Path) -> str | None:
    """What is wrong with the model, if it cannot be opened or a tensor cannot be read: always an RlxcError."""
    tracemalloc.start()
    try:
        weights = open_checkpoint(path).weights
        for key in weights.keys():
            assert weights.get(key).shape == weights.shape(key)
        return None
    except RlxcError as error:
        return error.message
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < MOST_MEMORY


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # scales that are NaN
def test_gguf(tmp_path: Path) -> None:
    data = GGUF.read_bytes()
    errors: list[str | None] = []
    for seed in range(200):
        (tmp_path / "a.gguf").write_bytes(mutated(seed, data, 1824))
        errors.append(error_of(tmp_path / "a.gguf"))
    assert 0 < errors.count(None) < 100
    assert max(len(error) for error in errors if error is not None) < MOST_MESSAGE


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_directory(tmp_path: Path, name: str) -> None:
    shutil.copytree(MODEL, tmp_path / "model")
    data = (MODEL / name).read_bytes()
    header = len(data) if name == "config.json" else 8 + int.from_bytes(data[:8], "little")
    errors: list[str | None] = []
    for seed in range(200):
        (tmp_path / "model" / name).write_bytes(mutated(seed, data, header))
        errors.append(error_of(tmp_path / "model"))
    assert 0 < errors.count(None) < 100
    assert max(len(error) for error in errors if error is not None) < MOST_MESSAGE


def test_unharmed() -> None:
    assert error_of(GGUF) is None
    assert error_of(MODEL) is None
    assert np.isfinite(open_checkpoint(GGUF).weights.get("model.norm.weight")).all()
