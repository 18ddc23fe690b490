"""What a run decides: each check holds for the last good value and fails for the first bad one, with its message."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.exceptions import InterpretationError

from rlxc.diagnostics import parse_module
from rlxc.dialects.rlx.reference import evaluate
from rlxc.inspect.registry import make_context

ROPE = """
func.func @main(%x: tensor<?x?x16xf32>, %cos: tensor<6x8xf32>, %sin: tensor<6x8xf32>, %p: index) -> tensor<?x?x16xf32> {
  %y = rlx.rope %x, %cos, %sin position(%p) {head_dim = 16, n_rot = 16} : tensor<?x?x16xf32>
  func.return %y : tensor<?x?x16xf32>
}"""
ROPE_FROM_ZERO = ROPE.replace(" position(%p)", "").replace(", %p: index", "")
APPEND = """
func.func @main(%cache: tensor<?x6x4xf32>, %new: tensor<?x?x4xf32>, %p: index) -> tensor<?x6x4xf32> {
  %y = rlx.kv_append %cache, %new position(%p) : tensor<?x6x4xf32>, tensor<?x?x4xf32>
  func.return %y : tensor<?x6x4xf32>
}"""
EMBED = """
func.func @main(%table: tensor<10x4xf32>, %ids: tensor<?x?xi64>) -> tensor<?x?x4xf32> {
  %y = rlx.embed %table, %ids : tensor<10x4xf32>, tensor<?x?xi64>
  func.return %y : tensor<?x?x4xf32>
}"""
DECODE = """
func.func @main(%q: tensor<?x?x16xf32>, %k: tensor<?x?x16xf32>, %n: index, %p: index) -> tensor<?x?x16xf32> {
  %y = rlx.attention %q, %k, %k mask(causal) kv_length(%n) query_offset(%p)
    {num_heads = 1, num_kv_heads = 1, head_dim = 16} : tensor<?x?x16xf32>, tensor<?x?x16xf32>
  func.return %y : tensor<?x?x16xf32>
}"""
ROTATED = """
func.func @main(%q: tensor<?x?x16xf32>, %k: tensor<?x?x16xf32>, %cos: tensor<6x8xf32>, %sin: tensor<6x8xf32>)
    -> tensor<?x?x16xf32> {
  %y = rlx.attention %q, %k, %k rope(%cos, %sin) {num_heads = 1, num_kv_heads = 1, head_dim = 16, n_rot = 16}
    : tensor<?x?x16xf32>, tensor<?x?x16xf32>
  func.return %y : tensor<?x?x16xf32>
}"""
ROTATED_LATER = ROTATED.replace("%sin: tensor<6x8xf32>", "%sin: tensor<6x8xf32>, %p: index").replace(
    " rope(%cos, %sin)", " rope(%cos, %sin) query_offset(%p)"
)
MASKED = """
func.func @main(%q: tensor<?x?x16xf32>, %k: tensor<?x?x16xf32>, %pad: tensor<?x?xi1>) -> tensor<?x?x16xf32> {
  %y = rlx.attention %q, %k, %k padding(%pad) {num_heads = 1, num_kv_heads = 1, head_dim = 16}
    : tensor<?x?x16xf32>, tensor<?x?x16xf32>
  func.return %y : tensor<?x?x16xf32>
}"""
ADD = """
func.func @main(%x: tensor<?x?x4xf32>, %r: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %y = arith.addf %x, %r : tensor<?x?x4xf32>
  func.return %y : tensor<?x?x4xf32>
}"""
NAMED_ADD = ADD.replace("%x: tensor<?x?x4xf32>", '%x: tensor<?x?x4xf32> {rlx.dims = ["B", "S"]}').replace(
    "%r: tensor<?x?x4xf32>", '%r: tensor<?x?x4xf32> {rlx.dims = ["B", "S"]}'
)
TABLES = [np.zeros((6, 8), np.float32)] * 2


def zeros(*shape: int) -> NDArray[Any]:
    return np.zeros(shape, np.float32)


def visible(*shape: int) -> NDArray[np.bool_]:
    return np.ones(shape, np.bool_)


CASES: dict[str, tuple[str, list[tuple[list[NDArray[Any] | int], str | None]]]] = {
    "rope": (
        ROPE,
        [
            ([zeros(1, 4, 16), *TABLES, 2], None),
            ([zeros(1, 4, 16), *TABLES, 3], "rlx.rope: x has more positions than the rope tables hold (6)"),
            ([zeros(1, 4, 16), *TABLES, -1], "rlx.rope: position is negative"),
        ],
    ),
    "rope_from_zero": (
        ROPE_FROM_ZERO,
        [
            ([zeros(1, 6, 16), *TABLES], None),
            ([zeros(1, 7, 16), *TABLES], "rlx.rope: x has more positions than the rope tables hold (6)"),
        ],
    ),
    "kv_append": (
        APPEND,
        [
            ([zeros(2, 6, 4), zeros(2, 3, 4), 3], None),
            ([zeros(2, 6, 4), zeros(2, 3, 4), 4], "rlx.kv_append: the new rows do not fit into the cache (capacity 6)"),
            ([zeros(2, 6, 4), zeros(2, 3, 4), -1], "rlx.kv_append: position is negative"),
            ([zeros(2, 6, 4), zeros(1, 3, 4), 0], "rlx.kv_append: cache and new differ in 'batch'"),
        ],
    ),
    "embed": (
        EMBED,
        [
            ([zeros(10, 4), np.array([[0, 9]])], None),
            ([zeros(10, 4), np.array([[10, 0]])], "rlx.embed: a token id is not in [0, 10)"),
            ([zeros(10, 4), np.array([[0, 0], [0, -1]])], "rlx.embed: a token id is not in [0, 10)"),
            ([zeros(10, 4), np.zeros((2, 0), np.int64)], None),
        ],
    ),
    "attention_decode": (
        DECODE,
        [
            ([zeros(1, 2, 16), zeros(1, 5, 16), 5, 3], None),
            ([zeros(1, 2, 16), zeros(1, 5, 16), 0, 0], None),
            ([zeros(1, 2, 16), zeros(1, 5, 16), 6, 3], "rlx.attention: kv_length is more than the rows of k"),
            ([zeros(1, 2, 16), zeros(1, 5, 16), -1, 3], "rlx.attention: kv_length is negative"),
            ([zeros(1, 2, 16), zeros(1, 5, 16), 5, -1], "rlx.attention: query_offset is negative"),
            ([zeros(2, 2, 16), zeros(1, 5, 16), 5, 0], "rlx.attention: q and k differ in 'batch'"),
        ],
    ),
    "attention_rope": (
        ROTATED,
        [
            ([zeros(1, 6, 16), zeros(1, 6, 16), *TABLES], None),
            (
                [zeros(1, 2, 16), zeros(1, 7, 16), *TABLES],
                "rlx.attention: k has more positions than the rope tables hold (6)",
            ),
            (
                [zeros(1, 3, 16), zeros(1, 2, 16), *TABLES],
                "rlx.attention: q has more positions than k, so that the first ones are negative",
            ),
        ],
    ),
    "attention_rope_offset": (
        ROTATED_LATER,
        [
            ([zeros(1, 2, 16), zeros(1, 6, 16), *TABLES, 4], None),
            (
                [zeros(1, 2, 16), zeros(1, 6, 16), *TABLES, 5],
                "rlx.attention: q has later positions than the rope tables hold (6)",
            ),
        ],
    ),
    "attention_padding": (
        MASKED,
        [
            ([zeros(2, 1, 16), zeros(2, 5, 16), visible(2, 5)], None),
            ([zeros(2, 1, 16), zeros(2, 5, 16), visible(1, 5)], "rlx.attention: q and padding differ in 'batch'"),
            ([zeros(2, 1, 16), zeros(2, 5, 16), visible(2, 4)], "rlx.attention: k and padding differ in 'kv_len'"),
        ],
    ),
    "add": (
        ADD,
        [
            ([zeros(2, 3, 4), zeros(2, 3, 4)], None),
            ([zeros(2, 3, 4), zeros(1, 3, 4)], "arith.addf: the operands differ in the size of axis 0"),
            ([zeros(2, 3, 4), zeros(2, 4, 4)], "arith.addf: the operands differ in the size of axis 1"),
        ],
    ),
    "named_dimensions": (
        NAMED_ADD,
        [
            ([zeros(2, 3, 4), zeros(2, 3, 4)], None),
            ([zeros(2, 3, 4), zeros(2, 4, 4)], "inputs x and r differ in dimension 'S'"),
        ],
    ),
}


@pytest.fixture(scope="module")
def prepared(prepare_calls: Callable[..., Any]) -> Any:
    """What preparing each call of each case says."""
    return prepare_calls({name: (text, [call for call, _ in calls]) for name, (text, calls) in CASES.items()})


@pytest.mark.parametrize("name", CASES)
def test_messages(name: str, prepared: Any) -> None:
    assert [message for message, _ in prepared[name]] == [message for _, message in CASES[name][1]]


def test_sizes_of_results(prepared: Any) -> None:
    assert prepared["kv_append"][0] == (None, (2,))
    assert prepared["embed"][3] == (None, (2, 0))
    assert prepared["attention_decode"][0] == (None, (1, 2))
    assert prepared["add"][0] == (None, (2, 3))


@pytest.mark.parametrize("name", [name for name in CASES if name != "named_dimensions"])
def test_the_reference_says_the_same(name: str) -> None:
    """It also gives sizes where a compiled check, whose text is fixed, cannot. Inputs are checked before it runs."""
    text, calls = CASES[name]
    module = parse_module(make_context(), text)
    for call, expected in calls:
        message = reference_message(module, call)
        assert message == (expected or "") or message.startswith(f"{expected}, ")


def reference_message(module: ModuleOp, call: list[NDArray[Any] | int]) -> str:
    """What the reference says of a call, without the place; nothing if it accepts it."""
    try:
        evaluate(module, call, params=lambda _: zeros(1), dtype=np.float32)
    except (IndexError, InterpretationError) as error:
        return re.sub(r" at <text>:\d+:\d+:", ":", str(error))
    return ""
