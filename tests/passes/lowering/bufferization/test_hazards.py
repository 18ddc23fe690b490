"""Programs in which memory that is overwritten too early shows in the numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from compiled_functions import CompiledFunctions

Array = NDArray[np.float32]

LINES = """
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %two = arith.constant 2.0 : f32"""

SAME, TRANSPOSED = "affine_map<(i, j) -> (i, j)>", "affine_map<(i, j) -> (j, i)>"


@dataclass(frozen=True)
class Hazard:
    """A function of `%x : tensor<4x4xf32>` that returns tensors of this type, and what they have to be."""

    body: str
    returned: str
    expected: Callable[[Array], tuple[Array, ...]]


def plus(result: str, a: str, b: str, read: str = SAME, shape: str = "4x4") -> str:
    """`result = a + b`, where `b` may be read through a transpose, in new memory."""
    kind = f"tensor<{shape}xf32>"
    return f"""
  %e{result} = tensor.empty() : {kind}
  %{result} = linalg.generic {{indexing_maps = [{SAME}, {read}, {SAME}], iterator_types = ["parallel", "parallel"]}}
    ins(%{a}, %{b} : {kind}, {kind}) outs(%e{result} : {kind}) {{
    ^bb0(%left: f32, %right: f32, %old: f32):
      %sum = arith.addf %left, %right : f32
      linalg.yield %sum : f32
  }} -> {kind}"""


def doubled(result: str, a: str) -> str:
    """`result = 2 a`, in new memory."""
    return plus(result, a, a)


def shifted(x: Array) -> Array:
    """The rows 1, 2, 3 of `x` in the rows 0, 1, 2."""
    return np.concatenate([x[1:], x[3:]])


def swapped(x: Array) -> tuple[Array, Array]:
    a, b = 2 * x, 4 * x
    for _ in range(3):
        a, b = b, a + b
    return a, b


HAZARDS = {
    "used_later": Hazard(
        doubled("a", "x") + doubled("b", "a") + plus("c", "a", "b"), "%b, %c", lambda x: (4 * x, 6 * x)
    ),
    "read_through_transpose": Hazard(
        doubled("a", "x") + plus("b", "a", "a", TRANSPOSED), "%b", lambda x: (2 * x + 2 * x.T,)
    ),
    "transpose_of_last_use": Hazard(
        doubled("a", "x") + doubled("b", "x") + plus("c", "b", "a", TRANSPOSED) + plus("d", "c", "b"),
        "%d",
        lambda x: (4 * x + 2 * x.T,),
    ),
    "read_shifted": Hazard(
        doubled("a", "x")
        + """
  %s = tensor.extract_slice %a[1, 0] [3, 4] [1, 1] : tensor<4x4xf32> to tensor<3x4xf32>
  %b = tensor.insert_slice %s into %a[0, 0] [3, 4] [1, 1] : tensor<3x4xf32> into tensor<4x4xf32>""",
        "%b",
        lambda x: (shifted(2 * x),),
    ),
    "slice_used_after_its_source_is_overwritten": Hazard(
        doubled("a", "x")
        + """
  %s = tensor.extract_slice %a[0, 0] [4, 2] [1, 1] : tensor<4x4xf32> to tensor<4x2xf32>
  %f = linalg.fill ins(%two : f32) outs(%a : tensor<4x4xf32>) -> tensor<4x4xf32>
  %b = tensor.insert_slice %s into %f[0, 2] [4, 2] [1, 1] : tensor<4x2xf32> into tensor<4x4xf32>""",
        "%b",
        lambda x: (np.concatenate([np.full((4, 2), 2, np.float32), 2 * x[:, :2]], axis=1),),
    ),
    "element_used_after_its_source_is_overwritten": Hazard(
        doubled("a", "x")
        + """
  %s = tensor.extract %a[%c1, %c1] : tensor<4x4xf32>
  %f = linalg.fill ins(%two : f32) outs(%a : tensor<4x4xf32>) -> tensor<4x4xf32>
  %b = linalg.fill ins(%s : f32) outs(%f : tensor<4x4xf32>) -> tensor<4x4xf32>""",
        "%b",
        lambda x: (np.full((4, 4), 2 * x[1, 1], np.float32),),
    ),
    "inserted_and_used_later": Hazard(
        doubled("a", "x")
        + """
  %s = tensor.extract_slice %x[0, 0] [4, 2] [1, 1] : tensor<4x4xf32> to tensor<4x2xf32>"""
        + plus("h", "s", "s", shape="4x2")
        + """
  %b = tensor.insert_slice %h into %a[0, 0] [4, 2] [1, 1] : tensor<4x2xf32> into tensor<4x4xf32>
  %f = linalg.fill ins(%two : f32) outs(%b : tensor<4x4xf32>) -> tensor<4x4xf32>
  %c = tensor.insert_slice %h into %f[0, 2] [4, 2] [1, 1] : tensor<4x2xf32> into tensor<4x4xf32>""",
        "%c",
        lambda x: (np.concatenate([np.full((4, 2), 2, np.float32), 2 * x[:, :2]], axis=1),),
    ),
    "inserted_where_it_comes_from": Hazard(
        doubled("a", "x")
        + """
  %l = tensor.extract_slice %a[0, 0] [4, 2] [1, 1] : tensor<4x4xf32> to tensor<4x2xf32>
  %r = tensor.extract_slice %a[0, 2] [4, 2] [1, 1] : tensor<4x4xf32> to tensor<4x2xf32>"""
        + plus("h", "l", "r", shape="4x2")
        + plus("g", "h", "l", shape="4x2")
        + """
  %b = tensor.insert_slice %g into %a[0, 0] [4, 2] [1, 1] : tensor<4x2xf32> into tensor<4x4xf32>""",
        "%b",
        lambda x: (np.concatenate([4 * x[:, :2] + 2 * x[:, 2:], 2 * x[:, 2:]], axis=1),),
    ),
    "loop_swaps": Hazard(
        doubled("a", "x")
        + doubled("b", "a")
        + """
  %m, %n = scf.for %i = %c0 to %c3 step %c1 iter_args(%p = %a, %q = %b) -> (tensor<4x4xf32>, tensor<4x4xf32>) {"""
        + plus("r", "p", "q")
        + """
    scf.yield %q, %r : tensor<4x4xf32>, tensor<4x4xf32>
  }""",
        "%m, %n",
        swapped,
    ),
    "loop_overwrites_what_it_does_not_carry": Hazard(
        doubled("a", "x")
        + doubled("b", "x")
        + f"""
  %m = scf.for %i = %c0 to %c3 step %c1 iter_args(%p = %b) -> (tensor<4x4xf32>) {{
    %r = linalg.generic {{indexing_maps = [{SAME}, {SAME}], iterator_types = ["parallel", "parallel"]}}
      ins(%p : tensor<4x4xf32>) outs(%a : tensor<4x4xf32>) {{
      ^bb0(%new: f32, %old: f32):
        %sum = arith.addf %new, %old : f32
        linalg.yield %sum : f32
    }} -> tensor<4x4xf32>
    scf.yield %r : tensor<4x4xf32>
  }}""",
        "%m",
        lambda x: (8 * x,),
    ),
    "initial_value_used_after_the_loop": Hazard(
        doubled("a", "x")
        + """
  %m = scf.for %i = %c0 to %c3 step %c1 iter_args(%p = %a) -> (tensor<4x4xf32>) {"""
        + doubled("r", "p")
        + """
    scf.yield %r : tensor<4x4xf32>
  }"""
        + plus("b", "m", "a"),
        "%b",
        lambda x: (18 * x,),
    ),
    "result_is_operand": Hazard(doubled("a", "x"), "%x, %a", lambda x: (x, 2 * x)),
    "two_results_are_one_value": Hazard(doubled("a", "x"), "%a, %a", lambda x: (2 * x, 2 * x)),
    "result_is_part_of_another": Hazard(
        doubled("a", "x") + doubled("b", "a"), "%b, %a, %b", lambda x: (4 * x, 2 * x, 4 * x)
    ),
}


def text(name: str, hazard: Hazard) -> str:
    kinds = ", ".join(["tensor<4x4xf32>"] * len(hazard.returned.split(",")))
    return (
        f"func.func @{name}(%x: tensor<4x4xf32>) -> ({kinds}) {{{LINES}{hazard.body}"
        f"\n  func.return {hazard.returned} : {kinds}\n}}"
    )


@pytest.fixture(scope="module", params=[True, False], ids=["arena", "apart"])
def compiled(request: pytest.FixtureRequest) -> CompiledFunctions:
    return CompiledFunctions("\n".join(text(*item) for item in HAZARDS.items()), arena=request.param)


@pytest.mark.parametrize("name", HAZARDS)
def test_values_stay_until_their_last_use(compiled: CompiledFunctions, name: str):
    x = np.arange(1, 17, dtype=np.float32).reshape(4, 4)
    expected, before = HAZARDS[name].expected(x), x.copy()
    for found, wanted in zip(compiled.call(name, (x,), expected), expected, strict=True):
        assert np.array_equal(found, wanted)
    assert np.array_equal(x, before)


def test_no_rows():
    function = """
func.func @f(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<4xf32>) {
  %c0 = arith.constant 0 : index
  %one = arith.constant 1.0 : f32
  %B = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%B) : tensor<?x4xf32>
  %a = linalg.copy ins(%x : tensor<?x4xf32>) outs(%e : tensor<?x4xf32>) -> tensor<?x4xf32>
  %s = tensor.empty() : tensor<4xf32>
  %start = linalg.fill ins(%one : f32) outs(%s : tensor<4xf32>) -> tensor<4xf32>
  %sum = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>],
                         iterator_types = ["reduction", "parallel"]}
    ins(%a : tensor<?x4xf32>) outs(%start : tensor<4xf32>) {
    ^bb0(%new: f32, %old: f32):
      %total = arith.addf %old, %new : f32
      linalg.yield %total : f32
  } -> tensor<4xf32>
  func.return %a, %sum : tensor<?x4xf32>, tensor<4xf32>
}"""
    nothing, ones = np.zeros((0, 4), np.float32), np.ones(4, np.float32)
    copied, total = CompiledFunctions(function).call("f", (nothing,), (nothing, ones))
    assert copied.shape == (0, 4)
    assert np.array_equal(total, ones)
