"""Well-formed text that means nothing: the operation, its place and the reason."""

from __future__ import annotations

import pytest
from xdsl.context import Context

from rlxc.diagnostics import RlxcError, parse_module

CASES = {
    "no terminator": (
        "func.func @f() {\n  %c = arith.constant 1 : i32\n}",
        "2:3",
        "'arith.constant' op terminates block in single-block region but is not a terminator",
    ),
    "empty body": (
        '\n"func.func"() <{sym_name = "f", function_type = () -> ()}> ({^a:}) : () -> ()',
        "2:1",
        "empty block",
    ),
    "no type": ('"func.func"() <{sym_name = "f"}> ({\n  return\n}) : () -> ()', "2:3", "'function_type' is missing"),
    "symbol defined twice": (
        "func.func private @f()\nfunc.func private @f()",
        "2:1",
        "'func.func' op defines the symbol '@f' again, first at layer.mlir:1:1",
    ),
    "use before definition": (
        "func.func @f() -> i32 {\n  %a = arith.addi %b, %b : i32\n  %b = arith.constant 1 : i32\n  return %a : i32\n}",
        "2:3",
        "'arith.addi' op uses '%b' before it is defined",
    ),
    "use of itself": (
        "func.func @f() {\n  %a = arith.negf %a : f32\n  return\n}",
        "2:3",
        "uses '%a' before it is defined",
    ),
    "definition on another path": (
        "func.func @f(%c: i1) -> i32 {\n  cf.cond_br %c, ^a, ^b\n^a:\n  %x = arith.constant 1 : i32\n  cf.br ^b\n"
        "^b:\n  return %x : i32\n}",
        "7:3",
        "'func.return' op uses '%x' before it is defined",
    ),
    "value of another function": (
        "func.func @f() -> i32 {\n  return %x : i32\n}\nfunc.func @g(%x: i32) {\n  return\n}",
        "2:3",
        "'func.return' op uses '%x', which belongs to another region",
    ),
    "result of another type": (
        "func.func @f() -> i32 {\n  %x = arith.constant 1.0 : f32\n  return %x : f32\n}",
        "3:3",
        "'func.return' op Expected arguments to have the same types as the function output types",
    ),
    "scope that is no text": (
        "func.func @f() {\n  func.call @g() {rlx.scope = 1 : i64} : () -> ()\n  return\n}\nfunc.func private @g()",
        "2:3",
        "'func.call' op 'rlx.scope' must be a string, such as \"layers.0.\", got 1 : i64",
    ),
    "too few indices": (
        "func.func @f(%m: memref<2x3xf32>, %i: index) {\n  %x = memref.load %m[%i] : memref<2x3xf32>\n  return\n}",
        "2:3",
        "'memref.load' op takes an index for each of the 2 dimensions, got 1",
    ),
    "too many indices": (
        "func.func @f(%m: memref<2xf32>, %i: index, %x: f32) {\n"
        "  memref.store %x, %m[%i, %i] : memref<2xf32>\n  return\n}",
        "2:3",
        "'memref.store' op takes an index for each of the 1 dimensions, got 2",
    ),
    "loop without its argument": (
        "func.func @f(%x: i32) {\n"
        '  "scf.while"(%x) ({\n    %c = arith.constant true\n    scf.condition(%c)\n'
        "  }, {\n    scf.yield %x : i32\n  })"
        " : (i32) -> ()\n  return\n}",
        "2:3",
        "'scf.while' op needs a region whose arguments have the types of its operands",
    ),
    "missing attribute": (
        "func.func @f(%x: tensor<1x2x4xf32>) {\n  %y = rlx.softcap %x : tensor<1x2x4xf32>\n  return\n}",
        "2:3",
        "'rlx.softcap' op needs the attribute 'cap'",
    ),
    "misspelt attribute": (
        "func.func @f(%x: tensor<1x2x4xf32>) {\n"
        "  %y = rlx.softcap %x {capp = 1.0 : f64} : tensor<1x2x4xf32>\n  return\n}",
        "2:3",
        "'rlx.softcap' op needs the attribute 'cap', not 'capp'",
    ),
    "misspelt attribute of another dialect": (
        '%x = "arith.constant"() {vallue = 1 : i32} : () -> i32',
        "1:1",
        "'arith.constant' op needs the attribute 'value', not 'vallue'",
    ),
    "heads that do not fit": (
        "func.func @f(%x: tensor<1x2x24xf32>) {\n"
        "  %y = rlx.repeat_kv %x {head_dim = 16, group = 2} : tensor<1x2x24xf32> -> tensor<1x2x48xf32>\n  return\n}",
        "2:3",
        "'rlx.repeat_kv' op",
    ),
}


@pytest.mark.parametrize(("text", "place", "message"), CASES.values(), ids=CASES.keys())
def test_bad_operation(context: Context, text: str, place: str, message: str) -> None:
    with pytest.raises(RlxcError) as caught:
        parse_module(context, text, "layer.mlir")
    assert message in caught.value.message
    assert str(caught.value.location) == f"layer.mlir:{place}"
    assert caught.value.source_line == text.split("\n")[int(place.split(":")[0]) - 1]


ACCEPTED = {
    "value from around": (
        "func.func @f(%n: index) {\n  %c = arith.constant 1 : index\n  scf.for %i = %c to %n step %c {\n"
        '    "test.op"(%c, %i) : (index, index) -> ()\n  }\n  return\n}'
    ),
    "definition on every path": (
        "func.func @f(%c: i1) -> i32 {\n  %x = arith.constant 1 : i32\n  cf.cond_br %c, ^a, ^b\n^a:\n  cf.br ^b\n"
        "^b:\n  return %x : i32\n}"
    ),
    "blocks out of order": (
        "func.func @f() -> i32 {\n  cf.br ^b\n^a:\n  return %x : i32\n^b:\n  %x = arith.constant 1 : i32\n  cf.br ^a\n}"
    ),
    "unreachable block": "func.func @f(%x: i32) -> i32 {\n  return %x : i32\n^never:\n  return %y : i32\n^or:\n"
    "  %y = arith.constant 1 : i32\n  return %y : i32\n}",
    "graph region": (
        '"test.op"() ({\n  "test.op"(%x) : (i32) -> ()\n  %x = "test.op"() : () -> i32\n'
        '  "test.termop"() : () -> ()\n}) : () -> ()'
    ),
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_good_operation(context: Context, text: str) -> None:
    parse_module(context, text)


def test_verification_can_be_left_out(context: Context) -> None:
    text = "func.func @f() {\n  %c = arith.constant 1 : i32\n}"
    assert "arith.constant" in str(parse_module(context, text, verify=False))
