"""What a model does with what a caller gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from reference_models import MODELS, loaded, reference
from rlxc import RlxcError, load_model

LLAMA = loaded("llama_tiny", "numpy")
IDS = reference("llama_tiny").ids
GREEDY = reference("llama_tiny").greedy


def test_stop_ids_end_the_text() -> None:
    assert LLAMA.generate(IDS, 8, stop_ids=(GREEDY[3],)).tolist() == [GREEDY[:4]]


def test_a_finished_sequence_is_filled_while_others_go_on() -> None:
    other = (IDS + 1) % LLAMA.config.vocab_size
    expected = LLAMA.generate(other, 8, stop_ids=())
    both = LLAMA.generate(np.concatenate([IDS, other]), 8, stop_ids=(GREEDY[1],))
    assert both[0].tolist() == [*GREEDY[:2], *[GREEDY[1]] * 6]
    np.testing.assert_array_equal(both[1:], expected)


def test_stream_gives_one_id_after_the_other() -> None:
    stream = LLAMA.stream(IDS, 3, stop_ids=())
    assert [int(ids[0]) for ids in stream] == GREEDY[:3]


def test_sampling_with_a_seed_repeats() -> None:
    first, second = (LLAMA.generate(IDS, 6, temperature=1.5, seed=7, stop_ids=()) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_the_context_is_limited() -> None:
    model = load_model(MODELS / "llama_tiny", "numpy", max_context=26)
    assert model.generate(IDS, 3, stop_ids=()).tolist() == [GREEDY[:3]]
    with pytest.raises(RlxcError, match="the sequence has 27 tokens, more than the context of 26"):
        model.generate(IDS, 4, stop_ids=())


BAD_PROMPTS: list[tuple[Any, Any, str]] = [
    ([[1.5]], None, "input_ids must be whole numbers"),
    ([[]], None, "input_ids must be whole numbers"),
    ([[1, 128]], None, "token id 128 is not in the vocabulary of 128"),
    ([[1, 2]], [[1]], r"attention_mask has shape \[1, 1\]"),
    ([[1, 2], [3]], None, r"input_ids must be an array \[batch, tokens\], but its rows differ in length"),
    ([[1, 2], [3, 4]], [[1], [1, 1]], "attention_mask must be an array"),
    ([[1, 2]], [["0", "1"]], "attention_mask must be numbers, 0 where a token is hidden, got <U1"),
    ([[1, 2]], [[-np.inf, 0]], "attention_mask must be finite numbers"),
    ([[1, 2]], [[1, 0]], "attention_mask hides tokens at the end"),
]


@pytest.mark.parametrize(("ids", "mask", "message"), BAD_PROMPTS)
def test_ids_that_are_none(ids: Any, mask: Any, message: str) -> None:
    with pytest.raises(RlxcError, match=message):
        LLAMA.logits(ids, mask)


def test_inspect() -> None:
    """K and V of 2 heads of 16 components in 3 layers; of Gemma 4, one tensor for both in full layers."""
    assert "3 layers, 1 different" in LLAMA.inspect()
    assert f"caches: {3 * 2 * 2 * 16 * 4} bytes a token" in LLAMA.inspect()
    shared = load_model(MODELS / "gemma4_tiny_dense", "numpy").inspect()
    assert f"caches: {2 * 32 * 4} bytes a token" in shared
    assert "of the last 8 tokens" in shared


def test_inspect_layers_without_keys_and_values() -> None:
    """Three layers of five have some: one full one of 2 heads of 32, and two sliding ones of 2 heads of 16."""
    borrowed = load_model(MODELS / "gemma4_ple", "numpy").inspect()
    assert f"caches: {2 * 2 * 32 * 4} bytes a token" in borrowed
    assert f"sliding layers: {2 * 2 * 2 * 16 * 4} bytes a token" in borrowed
    assert f"K and V of 2 layers are those of earlier ones: {2 * 2 * (32 + 16) * 4} bytes a token less" in borrowed
