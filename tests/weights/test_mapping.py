"""Tensors in memory, and what counts as weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from rlxc import RlxcError
from rlxc.weights import MappingWeights, WeightSource, as_source, open_weights

ARRAYS = {f"layer.{name}.weight": np.ones((2, 3), np.float32) for name in ("q_proj", "k_proj", "v_proj", "o_proj")}


def test_mapping_is_a_source() -> None:
    source = as_source(ARRAYS)
    assert isinstance(source, WeightSource)
    assert set(source.keys()) == set(ARRAYS)
    assert source.shape("layer.q_proj.weight") == (2, 3)
    assert source.get("layer.q_proj.weight") is ARRAYS["layer.q_proj.weight"]


def test_source_stays_as_it_is() -> None:
    source = MappingWeights(ARRAYS)
    assert as_source(source) is source


def test_missing_key_names_the_closest_one_and_a_remedy() -> None:
    with pytest.raises(RlxcError) as caught:
        MappingWeights(ARRAYS).get("layer.q_prj.weight")
    assert caught.value.message == (
        "there is no weight 'layer.q_prj.weight' in the given weights (did you mean 'layer.q_proj.weight'?)"
    )
    assert caught.value.hint == (
        "add it to the weights, or name one of their keys: "
        "layer.k_proj.weight, layer.o_proj.weight, layer.q_proj.weight, ... (4 in all)"
    )


def test_no_weights_at_all() -> None:
    with pytest.raises(RlxcError, match="there is no weight 'a' in the weights \\(none were given\\)") as caught:
        as_source(None).get("a")
    assert caught.value.hint == (
        "give weights, by --weights or weights=: a .safetensors, .npz or .gguf file, or random:SEED for a try"
    )


def test_value_that_is_no_array() -> None:
    with pytest.raises(RlxcError, match="weight 'a' in the given weights is a list, not a NumPy array"):
        as_source(cast(Any, {"a": [1.0]})).get("a")


def test_what_is_no_weights() -> None:
    with pytest.raises(RlxcError, match=r"weights must be a mapping from key to array, .* got int"):
        as_source(cast(Any, 3))


@pytest.mark.parametrize(
    ("name", "problem"),
    [("missing.npz", "there is no such file"), (".", "it is a directory"), ("a.bin", "unknown file type '.bin'")],
)
def test_files_that_are_none(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "a.bin").write_bytes(b"")
    with pytest.raises(RlxcError, match=problem) as caught:
        open_weights(tmp_path / name)
    assert str(tmp_path) in caught.value.message
    assert caught.value.hint is not None
