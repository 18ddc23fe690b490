"""Experts of which all matrices are one tensor."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from reference_models import MODELS, reference
from rlxc import RlxcError, load_model
from rlxc.models.checkpoint.unstacked import unstacked
from rlxc.weights import MappingWeights, WeightSource, open_weights
from rlxc.weights.source import MappedSource
from weight_files import save_safetensors

Array = NDArray[Any]

COUNTS = {"mixtral": 4, "qwen2_moe": 5, "qwen3_moe": 6}
PROJECTIONS = {"mixtral": ("w1", "w3", "w2")}


def source_of(**arrays: Array) -> WeightSource:
    return unstacked(MappingWeights({f"model.layers.0.experts.{name}": array for name, array in arrays.items()}))


def test_each_expert_has_a_view() -> None:
    stacked = np.arange(24, dtype=np.float32).reshape(3, 4, 2)
    source = source_of(down_proj=stacked)
    assert set(source.keys()) == {f"model.layers.0.experts.{number}.down_proj.weight" for number in range(3)}
    assert source.shape("model.layers.0.experts.1.down_proj.weight") == (4, 2)
    assert isinstance(source, MappedSource)
    assert np.shares_memory(np.asarray(source.stored("model.layers.0.experts.2.down_proj.weight")), stacked[2])


def test_other_tensors_stay() -> None:
    """A matrix is no stack, and nobody has so many experts."""
    source = source_of(down_proj=np.ones((3, 4)), gate_up_proj=np.ones((5000, 0, 2)), scale=np.ones((3, 4, 2)))
    assert {key.removeprefix("model.layers.0.experts.") for key in source.keys()} == {
        "down_proj",
        "gate_up_proj",
        "scale",
    }


def tensors_of(directory: Path) -> dict[str, Array]:
    """Copies of the tensors of a model."""
    file = open_weights(directory / "model.safetensors")
    return {key: file.get(key).copy() for key in file.keys()}


def stack_experts(directory: Path, name: str) -> None:
    """Write the tensors of a model as transformers has them in memory."""
    gate, up, down = PROJECTIONS.get(name, ("gate_proj", "up_proj", "down_proj"))
    home = "block_sparse_moe" if name in PROJECTIONS else "mlp"
    tensors = tensors_of(directory)
    for layer in range(3):
        old, new = f"model.layers.{layer}.{home}", f"model.layers.{layer}.mlp"
        if f"{old}.experts.0.{gate}.weight" not in tensors:
            continue
        each = [
            [tensors.pop(f"{old}.experts.{expert}.{projection}.weight") for projection in (gate, up, down)]
            for expert in range(COUNTS[name])
        ]
        tensors[f"{new}.experts.gate_up_proj"] = np.stack([np.concatenate(one[:2]) for one in each])
        tensors[f"{new}.experts.down_proj"] = np.stack([one[2] for one in each])
        tensors[f"{new}.gate.weight"] = tensors.pop(f"{old}.gate.weight")
    save_safetensors(directory / "model.safetensors", tensors)


@pytest.mark.parametrize("name", COUNTS)
def test_models_with_stacked_experts(tmp_path: Path, name: str) -> None:
    directory = copytree(MODELS / name, tmp_path / name)
    stack_experts(directory, name)
    expected = reference(name)
    logits = load_model(directory, "numpy").logits(expected.ids)
    assert np.max(np.abs(logits - expected.logits)) <= expected.tolerance


def test_a_stack_of_another_shape(tmp_path: Path) -> None:
    directory = copytree(MODELS / "gemma4_moe", tmp_path / "model")
    tensors = tensors_of(directory)
    key = "model.layers.1.experts.gate_up_proj"
    save_safetensors(directory / "model.safetensors", tensors | {key: np.ascontiguousarray(tensors[key][:, :46])})
    with pytest.raises(RlxcError, match=r"'model.layers.1.experts.0.gate_up_proj.weight.*46, 48.*expected 48 rows"):
        load_model(directory, "numpy")


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (5, "there is no weight 'model.layers.1.experts.5.down_proj.weight'"),
        (7, "config describes: unexpected 'model.layers.1.experts.6.down_proj.weight'"),
    ],
)
def test_a_stack_of_another_number_of_experts(tmp_path: Path, count: int, message: str) -> None:
    directory = copytree(MODELS / "gemma4_moe", tmp_path / "model")
    tensors = tensors_of(directory)
    key = "model.layers.1.experts.down_proj"
    save_safetensors(directory / "model.safetensors", tensors | {key: np.resize(tensors[key], (count, 48, 24))})
    with pytest.raises(RlxcError, match=message):
        load_model(directory, "numpy")
