"""From stored tensors to the values of parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.builtin import TensorType, f32, f64

from rlxc import RlxcError
from rlxc.dialects.rlx import ParamOp, RopeOp
from rlxc.dialects.rlx.base import shape_of
from rlxc.weights import MappingWeights, ParamSpec, content_digest, load_param, load_stored, spec_of

Array = NDArray[Any]

Q = np.arange(12, dtype=np.float32).reshape(3, 4)
K = np.arange(8, dtype=np.float32).reshape(2, 4) + 100
SOURCE = MappingWeights(
    {"q": Q, "k": K, "bias": np.array([1, 2, 3], np.float32), "half": Q.astype(np.float16), "ids": Q.astype(int)}
)


def param(*keys: str, shape: tuple[int, ...], **fields: Any) -> ParamSpec:
    return spec_of(ParamOp(keys, TensorType(f32, shape), **fields))


def test_as_stored() -> None:
    assert np.array_equal(load_param(param("q", shape=(3, 4)), SOURCE), Q)
    assert np.array_equal(load_param(param("bias", shape=(3,)), SOURCE), [1, 2, 3])


def test_transposed_and_contiguous() -> None:
    value = load_param(param("q", shape=(4, 3), transposed=True), SOURCE)
    assert np.array_equal(value, Q.T)
    assert value.flags.c_contiguous


def test_several_keys_are_joined_on_the_output_axis() -> None:
    joined = load_param(param("q", "k", shape=(4, 5), transposed=True), SOURCE)
    assert np.array_equal(joined, np.concatenate([Q.T, K.T], axis=1))
    plain = load_param(param("q", "q2", shape=(3, 8)), MappingWeights({"q": Q, "q2": Q + 50}))
    assert np.array_equal(plain, np.concatenate([Q, Q + 50], axis=1))


def test_element_type_of_the_program() -> None:
    assert load_param(param("half", shape=(3, 4)), SOURCE).dtype == np.float32
    assert load_param(spec_of(ParamOp(["q"], TensorType(f64, (3, 4)))), SOURCE).dtype == np.float64


def test_tensors_of_several_keys() -> None:
    spec = ParamSpec(("q", "k"), (4, 5), np.dtype(np.float32), transposed=True)
    assert load_param(spec, SOURCE).shape == (4, 5)
    assert set(load_stored(spec, SOURCE)) == {"q", "k"}


WRONG = {
    "missing": (param("qq", shape=(3, 4)), "there is no weight 'qq'"),
    "shape": (param("q", shape=(4, 3)), r"weight 'q' in .* has shape \[3, 4\], expected \[4, 3\]"),
    "shape, transposed": (
        param("q", shape=(3, 4), transposed=True),
        r"weight 'q' in .* has shape \[3, 4\], expected \[4, 3\] \(stored transposed\)",
    ),
    "rank": (param("bias", shape=(3, 1)), r"weight 'bias' in .* has shape \[3\], expected \[3, 1\]"),
    "sum of several": (
        param("q", "k", shape=(4, 6), transposed=True),
        r"the weights 'q' \[3, 4\], 'k' \[2, 4\] in .* do not join to \[6, 4\] \(stored transposed\)",
    ),
    "several that do not fit together": (param("q", "k", shape=(3, 8)), r"do not join to \[3, 8\]"),
    "one missing of several": (param("q", "v", shape=(4, 5), transposed=True), "there is no weight 'v'"),
    "whole numbers": (param("ids", shape=(3, 4)), "weight 'ids' holds int64, expected floating-point numbers"),
    "content": (param("q", shape=(3, 4), digest=content_digest(K)), "weight 'q' does not hold what the program"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong(case: str) -> None:
    spec, problem = WRONG[case]
    with pytest.raises(RlxcError, match=problem):
        load_param(spec, SOURCE)


def test_digest_is_that_of_the_stored_content() -> None:
    one = param("half", shape=(4, 3), transposed=True, digest=content_digest(Q))
    assert np.array_equal(load_param(one, SOURCE), Q.T)
    joined = content_digest(np.concatenate([Q, K]))
    assert load_param(param("q", "k", shape=(4, 5), transposed=True, digest=joined), SOURCE).shape == (4, 5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("table", ["cos", "sin"])
def test_rope_tables_are_finite(table: str, bad: float) -> None:
    tables = {name: np.ones((5, 2), np.float32) for name in ("cos", "sin")}
    ops = {name: ParamOp([name], TensorType(f32, (5, 2))) for name in tables}
    x = ParamOp(["x"], TensorType(f32, (1, 5, 4)))
    rope = RopeOp(x, ops["cos"], ops["sin"], head_dim=4, n_rot=4)
    assert shape_of(rope.result) == (1, 5, 4)
    assert np.array_equal(load_param(spec_of(ops[table]), MappingWeights(tables)), tables[table])
    tables[table][3, 1] = bad
    with pytest.raises(RlxcError, match=f"weight '{table}' is used as a rope table, but holds NaN or infinity"):
        load_param(spec_of(ops[table]), MappingWeights(tables))


def test_other_weights_may_hold_infinity() -> None:
    x = np.full((1, 5, 4), np.inf, np.float32)
    assert np.array_equal(load_param(param("x", shape=x.shape), MappingWeights({"x": x})), x)
