"""What a checkpoint holds, and what its config says, have to be the same model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rlxc
from rlxc import RlxcError
from rlxc.weights import open_weights
from weight_files import save_safetensors

MODELS = Path(__file__).parents[2] / "data" / "models"
TINY, GEMMA = MODELS / "llama_tiny", MODELS / "gemma4_ple"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A copy of a model, whose files may be changed."""
    return Path(shutil.copytree(TINY, tmp_path / "model"))


def change_config(directory: Path, **values: object) -> None:
    path = directory / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def change_tensors(directory: Path, **tensors: NDArray[Any] | None) -> None:
    path = directory / "model.safetensors"
    source = open_weights(path)
    stored = {key: np.array(source.get(key)) for key in source.keys()}
    changed = stored | {key.replace("__", "."): value for key, value in tensors.items()}
    save_safetensors(path, {key: value for key, value in changed.items() if value is not None})


def test_a_tensor_that_no_stage_reads_is_an_error(directory: Path) -> None:
    change_tensors(directory, model__layers__0__self_attn__q_proj__bias=np.ones(4, np.float32))
    with pytest.raises(RlxcError, match=r"unexpected 'model\.layers\.0\.self_attn\.q_proj\.bias' \(like"):
        rlxc.load_model(directory, "numpy")


def test_a_tensor_that_is_missing_is_an_error(directory: Path) -> None:
    change_tensors(directory, model__layers__1__mlp__up_proj__weight=None)
    with pytest.raises(RlxcError, match=r"no weight 'model\.layers\.1\.mlp\.up_proj\.weight'") as caught:
        rlxc.load_model(directory, "numpy")
    assert caught.value.location is None


def test_layers_that_the_config_leaves_out_are_an_error(directory: Path) -> None:
    change_config(directory, num_hidden_layers=1)
    with pytest.raises(RlxcError, match=r"unexpected 'model\.layers\.1\."):
        rlxc.load_model(directory, "numpy")


def test_tables_have_the_rows_that_the_config_says(directory: Path, tmp_path: Path) -> None:
    change_config(directory, vocab_size=5000)
    with pytest.raises(RlxcError, match=r"'model\.embed_tokens\.weight' .* rows, but the config says 5000"):
        rlxc.load_model(directory, "numpy")
    other = Path(shutil.copytree(GEMMA, tmp_path / "gemma"))
    change_config(other, vocab_size_per_layer_input=8)
    with pytest.raises(RlxcError, match=r"per_layer\.weight' .* rows, but the config says 8"):
        rlxc.load_model(other, "numpy")


def test_keys_and_values_that_a_layer_borrows_may_be_stored_too(tmp_path: Path) -> None:
    """They are not read: the logits are the same."""
    directory = Path(shutil.copytree(GEMMA, tmp_path / "model"))
    change_tensors(directory, model__layers__3__self_attn__k_proj__weight=np.ones((32, 48), np.float32))
    found, expected = (rlxc.load_model(path, "numpy").logits([[5, 6]]) for path in (directory, GEMMA))
    np.testing.assert_array_equal(found, expected)


def test_keys_that_a_layer_has_not_borrowed(tmp_path: Path) -> None:
    directory = Path(shutil.copytree(GEMMA, tmp_path / "model"))
    change_tensors(directory, model__layers__2__self_attn__k_proj__weight=None)
    with pytest.raises(RlxcError, match=r"no weight 'model\.layers\.2\.self_attn\.k_proj\.weight'"):
        rlxc.load_model(directory, "numpy")


def test_a_tied_head_may_be_stored_too(directory: Path) -> None:
    change_config(directory, tie_word_embeddings=True)
    change_tensors(directory, lm_head__weight=np.ones((2, 2), np.float32))
    rlxc.load_model(directory, "numpy")
