"""Weight files with random damage: read as they are, or refused with an RlxcError; nothing else is raised."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGUFWriter

from rlxc import RlxcError
from rlxc.weights import open_weights
from weight_files import save_safetensors

ARRAYS: dict[str, Any] = {
    "blk.0.attn_q.weight": np.arange(12, dtype=np.float32).reshape(4, 3),
    "half": np.ones(5, np.float16),
}


def write_gguf(path: Path) -> None:
    writer = GGUFWriter(path, "llama")
    writer.add_uint32("llama.attention.head_count", 2)
    writer.add_array("tokens", ["a", "bc"])
    for name, array in ARRAYS.items():
        writer.add_tensor(name, array)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


WRITERS: dict[str, Callable[[Path], None]] = {
    "a.safetensors": lambda path: save_safetensors(path, ARRAYS),
    "a.npz": lambda path: np.savez(path, allow_pickle=False, **ARRAYS),
    "packed.npz": lambda path: np.savez_compressed(path, allow_pickle=False, **ARRAYS),
    "a.gguf": write_gguf,
}


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The data with one to three bytes changed, removed or added."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        position = chance.randrange(len(changed))
        match chance.choice(["change", "flip", "remove", "add"]):
            case "change":
                changed[position] = chance.choice([0, 255, chance.randrange(256)])
            case "flip":
                changed[position] ^= 1 << chance.randrange(8)
            case "remove":
                del changed[position : position + chance.randint(1, 8)]
            case _:
                changed[position:position] = chance.randbytes(chance.randint(1, 8))
    return bytes(changed)


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize("name", WRITERS)
def test_random_damage(tmp_path: Path, name: str) -> None:
    WRITERS[name](tmp_path / name)
    data, chance = (tmp_path / name).read_bytes(), random.Random(name)
    refusals: list[str] = []
    for number in range(300):
        path = tmp_path / f"{number}{Path(name).suffix}"
        path.write_bytes(damaged(data, chance))
        refusals += refusal(path)
    assert len(refusals) > 100
    assert all(str(tmp_path) in message for message in refusals)


def refusal(path: Path) -> list[str]:
    """Read everything in a file; the message of the RlxcError that says why that is not possible, if it is not."""
    try:
        source = open_weights(path)
        for key in source.keys():
            assert source.get(key).shape == source.shape(key)
    except RlxcError as error:
        return [error.message]
    return []
