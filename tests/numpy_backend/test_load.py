"""The function `load` of printed modules: from stored tensors to parameters."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.builtin import TensorType, f32, f64

from printed_numpy import printed_rlx
from rlxc.dialects.rlx import RopeTableOp, TableKind
from rlxc.dialects.rlx.reference import rope_table_values
from rlxc.weights import content_digest

Array = NDArray[Any]
RANDOM = np.random.default_rng(0)


def load(text: str, weights: dict[str, Array], element: str = "f32") -> dict[str, Array]:
    """The parameters of a program that reads `%w`, of shape 6x4 unless a rope table."""
    program = f"""
      func.func @f(%x: tensor<1x2x6x{element}>) -> tensor<1x2x4x{element}> {{
        %w = {text} : tensor<6x4x{element}>
        %y = rlx.matmul %x, %w : tensor<1x2x6x{element}>, tensor<6x4x{element}>
        func.return %y : tensor<1x2x4x{element}>
      }}
    """
    variables = printed_rlx(program).variables
    return variables["load"](weights)


def array(*shape: int, dtype: Any = np.float32) -> Array:
    return RANDOM.standard_normal(shape).astype(dtype)


def test_a_weight_is_taken_as_it_is_stored():
    weight = array(6, 4)
    assert load('rlx.param "w"', {"w": weight})["w"] is weight


def test_a_transposed_weight_is_a_view():
    weight = array(4, 6)
    loaded = load('rlx.param "w" transposed', {"w": weight})["w"]
    assert loaded.shape == (6, 4)
    assert np.shares_memory(loaded, weight)


def test_several_keys_are_joined_on_the_output_axis():
    a, b = array(6, 3), array(6, 1)
    assert np.array_equal(load('rlx.param "a", "b"', {"a": a, "b": b})["w"], np.concatenate([a, b], 1))
    joined = load('rlx.param "a", "b" transposed', {"a": a.T, "b": b.T})["w"]
    assert np.array_equal(joined, np.concatenate([a, b], 1))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("element", ["f32", "f64"])
def test_weights_take_the_element_type_of_the_program(dtype: Any, element: str):
    weight = array(6, 4, dtype=dtype)
    loaded = load('rlx.param "w"', {"w": weight}, element)["w"]
    assert loaded.dtype == np.dtype(f"f{int(element[1:]) // 8}")
    assert np.array_equal(loaded, weight.astype(loaded.dtype))


def test_a_wrong_shape_is_an_error():
    with pytest.raises(ValueError, match=r"^w: expected shape \(6, 4\), found \(4, 6\)$"):
        load('rlx.param "w"', {"w": array(4, 6)})
    with pytest.raises(ValueError, match=r"^a, b: expected shape \(4, 6\), found \(5, 6\)$"):
        load('rlx.param "a", "b" transposed', {"a": array(2, 6), "b": array(3, 6)})


def test_the_content_is_checked_against_the_digest():
    weight = array(4, 6)
    text = f'rlx.param "w" transposed digest("{content_digest(weight)}")'
    assert np.array_equal(load(text, {"w": weight})["w"], weight.T)
    with pytest.raises(ValueError, match="another content than this program was made for: blake2b:"):
        load(text, {"w": weight + 1})


@pytest.mark.parametrize("element", [f32, f64])
@pytest.mark.parametrize("kind", TableKind)
@pytest.mark.parametrize("theta", [10000.0, 500000.0, 1.5])
def test_rope_tables_have_the_values_of_the_reference(kind: TableKind, theta: float, element: Any):
    table = RopeTableOp(kind, theta, TensorType(element, [40, 12]))
    loaded = printed_rlx(f"""
      func.func @f(%x: tensor<40x12x{element}>) -> tensor<40x12x{element}> {{
        %t = rlx.rope_table {kind.value} {{theta = {theta} : f64}} : tensor<40x12x{element}>
        %y = arith.addf %x, %t : tensor<40x12x{element}>
        func.return %y : tensor<40x12x{element}>
      }}
    """).variables["load"]({})["t"]
    expected = rope_table_values(table)
    assert loaded.dtype == expected.dtype
    assert np.array_equal(loaded, expected)


def test_only_what_is_needed_is_printed():
    source = printed_rlx("func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> { func.return %x : tensor<4xf32> }").source
    functions = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    assert functions == ["load", "f"]
