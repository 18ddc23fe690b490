"""Batches of texts: sorted by length, padded, and back in order."""

from __future__ import annotations

from rlxc.runtime.generation.text_batches import MOST_ROWS, batches


def test_padding_on_both_sides() -> None:
    texts = [[7, 8, 9], [5], [6, 6]]
    (right,) = batches(texts, 0, left=False)
    assert right.rows == [1, 2, 0]
    assert right.ids.tolist() == [[5, 0, 0], [6, 6, 0], [7, 8, 9]]
    assert right.mask.tolist() == [[True, False, False], [True, True, False], [True, True, True]]
    (left,) = batches(texts, 0, left=True)
    assert left.ids.tolist() == [[0, 0, 5], [0, 6, 6], [7, 8, 9]]
    assert left.mask.tolist() == [[False, False, True], [False, True, True], [True, True, True]]


def test_many_texts_are_in_batches_of_similar_length() -> None:
    texts = [[1] * (1 + number % 3) for number in range(MOST_ROWS * 3)]
    found = list(batches(texts, 0, left=False))
    assert [batch.ids.shape for batch in found] == [(MOST_ROWS, 1), (MOST_ROWS, 2), (MOST_ROWS, 3)]
    assert sorted(row for batch in found for row in batch.rows) == list(range(len(texts)))
    assert all(batch.mask.all() for batch in found)
