"""Names and strings of the program: readable where they can be, and never more than names and strings."""

from __future__ import annotations

import ast
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, NameLoc, StringAttr, UnknownLoc
from xdsl.dialects.func import FuncOp

from printed_numpy import Printed, parse, printed, printed_rlx
from rlxc.numpy_backend import emit_numpy, entry_name

PROGRAM = """
func.func @f(%x: tensor<?x4xf32> {rlx.name = "x", rlx.dims = ["B"]}, %w: tensor<2x4xf32> {rlx.keys = ["key"]})
    -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %B = tensor.dim %x, %c0 : tensor<?x4xf32>
  %positive = arith.cmpi sgt, %B, %c0 : index
  cf.assert %positive, "message"
  %init = tensor.empty(%B) : tensor<?x4xf32>
  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                       iterator_types = ["parallel", "parallel"]}
    ins(%x : tensor<?x4xf32>) outs(%init : tensor<?x4xf32>) {
    ^bb0(%e: f32, %acc: f32):
      %v = arith.negf %e : f32
      linalg.yield %v : f32
  } -> tensor<?x4xf32>
  func.return %y : tensor<?x4xf32>
}
"""

HOSTILE = [
    'x"; import os; y = "',
    "a\nimport os\n",
    "a\r\nimport os",
    "'''\"\"\"\\",
    "\\",
    "\x00\u2028\x0c",
    "{params}",
    "import",
    "np",
    "params",
    "print",
    "9 lives",
    "",
    " ",
    "_",
    "übel",
]


def program_with(text: str) -> Printed:
    """The program with `text` as name of everything: function, input, weight, dimension, key, message, source."""
    module = parse(PROGRAM)
    function = next(op for op in module.walk() if isinstance(op, FuncOp))
    function.sym_name = StringAttr(text)
    name, names = StringAttr(text), ArrayAttr([StringAttr(text)])
    function.arg_attrs = ArrayAttr(
        [
            DictionaryAttr({"rlx.name": name, "rlx.dims": names}),
            DictionaryAttr({"rlx.name": name, "rlx.keys": names}),
        ]
    )
    for op in module.walk():
        op.location = NameLoc(StringAttr(text), UnknownLoc())
        if op.name == "cf.assert":
            op.properties["msg"] = StringAttr(text)
    return Printed(emit_numpy(module), entry_name(module))


def check(text: str) -> None:
    code = program_with(text)
    module = ast.parse(code.source)
    assert [ast.unparse(node) for node in module.body if isinstance(node, ast.Import)] == ["import numpy as np"]
    assert {type(node) for node in module.body} == {ast.Expr, ast.Import, ast.FunctionDef}
    calls = {ast.unparse(node.func) for node in ast.walk(module) if isinstance(node, ast.Call)}
    assert calls <= {"np.asarray", "np.concatenate", "len", "ValueError", "', '.join", "stored"}
    x = np.ones((2, 4), np.float32)
    (result,) = code(x, weights={text: x})
    assert np.array_equal(result, -x)
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        code(np.ones((0, 4), np.float32), weights={text: x})


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str):
    check(text)


@settings(deadline=None, max_examples=60)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_any_text_stays_text(text: str):
    check(text)


def test_names_are_those_of_the_program():
    code = printed(PROGRAM)
    assert code.entry == "f"
    assert code.body == ["B = x.shape[0]", "if B <= 0:", 'raise ValueError("message")', "y = -x", "return y"]


def test_a_name_is_used_again_once_its_value_is_dead():
    code = printed_rlx("""
      func.func @f(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
        %h = arith.addf %x, %x : tensor<2x3x4xf32>
        %h_1 = arith.mulf %h, %x : tensor<2x3x4xf32>
        %h_2 = arith.addf %h_1, %h : tensor<2x3x4xf32>
        func.return %h_2 : tensor<2x3x4xf32>
      }
    """)
    assert code.body == ["h = x + x", "h_1 = h * x", "h = h_1 + h", "return h"]
