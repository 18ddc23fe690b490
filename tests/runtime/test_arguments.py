"""What callers may give, and what they are told otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rlxc import RlxcError
from rlxc.runtime.arguments import bind_arguments
from rlxc.runtime.signature import InputSpec, ScalarSpec, Signature, TensorSpec

SIGNATURE = Signature(
    "f",
    (
        InputSpec("x", TensorSpec("f32", ("B", "S", 4))),
        InputSpec("mask", TensorSpec("i1", ("B", "S"))),
        InputSpec("position", ScalarSpec("index")),
    ),
    (TensorSpec("f32", ("", "", 4)),),
)
X, MASK = np.zeros((2, 3, 4), np.float32), np.ones((2, 3), np.bool_)


def test_text() -> None:
    assert str(SIGNATURE) == "f(x: f32[B, S, 4], mask: i1[B, S], position: index) -> f32[?, ?, 4]"


def test_by_position_and_by_name() -> None:
    for args, kwargs in (
        ((X, MASK, 3), {}),
        ((X,), {"position": 3, "mask": MASK}),
        ((), {"mask": MASK, "position": np.int32(3), "x": X}),
    ):
        x, mask, position = bind_arguments(SIGNATURE, args, kwargs)
        assert x is X
        assert mask is MASK
        assert position == 3
        assert type(position) is int


def test_any_layout_in_memory() -> None:
    for x in (np.asfortranarray(X), X[:, ::-1], np.broadcast_to(np.float32(1), X.shape)):
        assert bind_arguments(SIGNATURE, (x, MASK, 0), {})[0] is x


def test_no_sequence_at_all() -> None:
    assert len(bind_arguments(SIGNATURE, (X[:, :0], MASK[:, :0], 0), {})) == 3


WRONG: dict[str, tuple[tuple[Any, ...], dict[str, Any], str, str | None]] = {
    "missing": ((X,), {"mask": MASK}, "f: input 'position' is missing", "its inputs are: x, mask, position"),
    "nothing": ((), {}, "f: input 'x' is missing", "its inputs are: x, mask, position"),
    "too many": ((X, MASK, 1, 2), {}, r"f takes 3 inputs \(x, mask, position\), got 4", None),
    "unknown name": (
        (X, MASK),
        {"postion": 1},
        r"f has no input 'postion' \(did you mean 'position'\?\)",
        "its inputs are: x, mask, position",
    ),
    "twice": ((X, MASK, 1), {"mask": MASK}, "f: input 'mask' is given twice, by position and by name", None),
    "a list": (
        (X.tolist(), MASK, 1),
        {},
        "f: 'x' must be a NumPy array, got list",
        "convert it: np.asarray(x, dtype=np.float32)",
    ),
    "float64": (
        (X.astype(np.float64), MASK, 1),
        {},
        "f: 'x' has dtype float64, expected float32",
        "convert it: x.astype(np.float32)",
    ),
    "integers": ((X.astype(np.int64), MASK, 1), {}, "f: 'x' has dtype int64, expected float32", None),
    "numbers for a mask": ((X, MASK.astype(np.float32), 1), {}, "f: 'mask' has dtype float32, expected bool", None),
    "byte order": ((X.astype(">f4"), MASK, 1), {}, "f: 'x' has dtype >f4, expected float32", None),
    "rank": ((X[0], MASK, 1), {}, r"f: 'x' has shape \[3, 4\], expected \[B, S, 4\]", None),
    "fixed size": ((X[..., :3], MASK, 1), {}, r"f: 'x' has shape \[2, 3, 3\], expected \[B, S, 4\]", None),
    "named size": ((X, MASK[:, :2], 1), {}, "f: dimension 'S' is 3 in 'x' but 2 in 'mask'", None),
    "batch": ((X, MASK[:1], 1), {}, "f: dimension 'B' is 2 in 'x' but 1 in 'mask'", None),
    "a fraction": ((X, MASK, 1.0), {}, "f: 'position' must be a whole number, got float", None),
    "a truth value": ((X, MASK, True), {}, "f: 'position' must be a whole number, got bool", None),
    "an array for a number": ((X, MASK, np.array([1])), {}, "f: 'position' must be a whole number, got ndarray", None),
    "too large": ((X, MASK, 2**63), {}, "f: 'position' is 9223372036854775808, which does not fit in index", None),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong(case: str) -> None:
    args, kwargs, problem, hint = WRONG[case]
    with pytest.raises(RlxcError, match=problem) as caught:
        bind_arguments(SIGNATURE, args, kwargs)
    if hint is not None:
        assert caught.value.hint == hint


def test_names_of_the_function_itself_are_free() -> None:
    odd = Signature("f", (InputSpec("self", ScalarSpec("index")), InputSpec("args", ScalarSpec("index"))), ())
    assert bind_arguments(odd, (), {"self": 1, "args": 2}) == [1, 2]
