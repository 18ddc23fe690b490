"""Slices, reshapes, named operations and calls: one short line each, and the right numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from printed_numpy import printed

Array = NDArray[Any]


@dataclass(frozen=True)
class Case:
    """Operations on `%x`, of size BxSx6, that make `%y`; `%p` is a position, `%B` and `%S` the sizes."""

    text: str
    result: str
    line: str
    expected: Callable[[Array, int], Array]

    @property
    def program(self) -> str:
        return f"""
          func.func @f(%x: tensor<?x?x6xf32> {{rlx.dims = ["B", "S"]}}, %p: index) -> {self.result} {{
            %c0 = arith.constant 0 : index
            %c1 = arith.constant 1 : index
            %B = tensor.dim %x, %c0 : tensor<?x?x6xf32>
            %S = tensor.dim %x, %c1 : tensor<?x?x6xf32>
            {self.text}
            func.return %y : {self.result}
          }}"""


def cut(where: str, result: str, line: str, expected: Callable[[Array, int], Array], before: str = "") -> Case:
    text = f"{before}\n%y = tensor.extract_slice %x{where} : tensor<?x?x6xf32> to {result}"
    return Case(text, result, line, expected)


BS6 = "tensor<?x?x6xf32>"
BS2 = "tensor<?x?x2xf32>"

CASES = {
    "first columns": cut("[0, 0, 0] [%B, %S, 2] [1, 1, 1]", BS2, "x[..., :2]", lambda x, p: x[..., :2]),
    "last columns": cut("[0, 0, 4] [%B, %S, 2] [1, 1, 1]", BS2, "x[..., 4:]", lambda x, p: x[..., 4:]),
    "every other column": cut(
        "[0, 0, 1] [%B, %S, 3] [1, 1, 2]", "tensor<?x?x3xf32>", "x[..., 1::2]", lambda x, p: x[..., 1::2]
    ),
    "some of every other column": cut(
        "[0, 0, 1] [%B, %S, 2] [1, 1, 2]", BS2, "x[..., 1:4:2]", lambda x, p: x[..., 1:4:2]
    ),
    "all": cut("[0, 0, 0] [%B, %S, 6] [1, 1, 1]", BS6, "x", lambda x, p: x),
    "rows from a position": cut(
        "[0, %p, 0] [%B, %rest, 6] [1, 1, 1]",
        BS6,
        "x[:, p:]",
        lambda x, p: x[:, p:],
        before="%rest = arith.subi %S, %p : index",
    ),
    "two rows from a position": cut(
        "[0, %p, 0] [%B, 2, 6] [1, 1, 1]", "tensor<?x2x6xf32>", "x[:, p : p + 2]", lambda x, p: x[:, p : p + 2]
    ),
    "one row": cut("[0, %p, 0] [%B, 1, 6] [1, 1, 1]", "tensor<?x6xf32>", "x[:, p]", lambda x, p: x[:, p]),
    "heads apart": Case(
        "%y = tensor.expand_shape %x [[0], [1], [2, 3]] output_shape [%B, %S, 2, 3]"
        " : tensor<?x?x6xf32> into tensor<?x?x2x3xf32>",
        "tensor<?x?x2x3xf32>",
        "x.reshape(B, S, 2, 3)",
        lambda x, p: x.reshape(*x.shape[:2], 2, 3),
    ),
    "heads packed again": Case(
        "%h = tensor.expand_shape %x [[0], [1], [2, 3]] output_shape [%B, %S, 2, 3]"
        " : tensor<?x?x6xf32> into tensor<?x?x2x3xf32>\n"
        "%y = tensor.collapse_shape %h [[0, 1], [2], [3]] : tensor<?x?x2x3xf32> into tensor<?x2x3xf32>",
        "tensor<?x2x3xf32>",
        "x.reshape(B * S, 2, 3)",
        lambda x, p: x.reshape(-1, 2, 3),
    ),
    "a cast": Case(
        "%y = tensor.cast %x : tensor<?x?x6xf32> to tensor<2x?x6xf32>", "tensor<2x?x6xf32>", "x", lambda x, p: x
    ),
    "a concatenation": Case(
        f"%y = tensor.concat dim(1) %x, %x : ({BS6}, {BS6}) -> {BS6}",
        BS6,
        "np.concatenate((x, x), axis=1)",
        lambda x, p: np.concatenate([x, x], 1),
    ),
    "a named operation": Case(
        f"%e = tensor.empty(%B, %S) : {BS6}\n%y = linalg.exp ins(%x : {BS6}) outs(%e : {BS6}) -> {BS6}",
        BS6,
        "np.exp(x)",
        lambda x, p: np.exp(x),
    ),
    "a transposition": Case(
        "%e = tensor.empty(%B, %S) : tensor<6x?x?xf32>\n"
        f"%y = linalg.transpose ins(%x : {BS6}) outs(%e : tensor<6x?x?xf32>) permutation = [2, 0, 1]",
        "tensor<6x?x?xf32>",
        "x.transpose(2, 0, 1)",
        lambda x, p: x.transpose(2, 0, 1),
    ),
    "a broadcast": Case(
        "%e = tensor.empty(%B, %S) : tensor<?x2x?x6xf32>\n"
        f"%y = linalg.broadcast ins(%x : {BS6}) outs(%e : tensor<?x2x?x6xf32>) dimensions = [1]",
        "tensor<?x2x?x6xf32>",
        "np.broadcast_to(x[:, None], (B, 2, S, 6))",
        lambda x, p: np.broadcast_to(x[:, None], (x.shape[0], 2, *x.shape[1:])),
    ),
    "a lookup": Case(
        "%e = tensor.empty(%S) : tensor<?x6xf32>\n"
        "%y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>],"
        ' iterator_types = ["parallel", "parallel"]}'
        " outs(%e : tensor<?x6xf32>) {\n^bb0(%acc: f32):\n%i = linalg.index 0 : index\n%j = linalg.index 1 : index\n"
        "%v = tensor.extract %x[%c1, %i, %j] : tensor<?x?x6xf32>\nlinalg.yield %v : f32\n} -> tensor<?x6xf32>",
        "tensor<?x6xf32>",
        "x[1]",
        lambda x, p: x[1],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_is_one_line(name: str):
    case = CASES[name]
    code = printed(case.program)
    assert case.line in [
        line.removeprefix("y = ").removeprefix("return ").removesuffix(".copy()") for line in code.body
    ]
    for seq in (3, 5):
        x = np.random.default_rng(seq).standard_normal((2, seq, 6)).astype(np.float32)
        (found,) = code(x, 1)
        assert not np.shares_memory(found, x)
        assert np.array_equal(found, case.expected(x, 1))
