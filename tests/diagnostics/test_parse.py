"""Malformed text: each report says where, what, and where possible how to mend it."""

from __future__ import annotations

import time

import pytest
from xdsl.context import Context

from rlxc.diagnostics import RlxcError, SourceLocation, parse_module

CASES = {
    "empty": ("", "1:1", "the input holds no operation"),
    "only a comment": ("// nothing\n", "1:11", "the input holds no operation"),
    "not MLIR": ("def f(x):", "1:1", "unknown operation 'def'"),
    "NUL byte": ("\0", "1:1", r"Unexpected character: "),
    "unclosed function": ("func.func @f() {\n  return\n", "2:9", "expected an operation, a block or '}'"),
    "no name": ("% = arith.constant 1 : i32", "1:1", "expected a name after '%'"),
    "stray brace": ("func.func @f() { return }\n}", "2:1", "expected an operation"),
    "unclosed string": ('"test.op"() {a = "' + "x" * 5000 + "} : () -> ()", "1:18", "before closing string literal"),
    "unknown operation": (
        "\n  rlx.atention",
        "2:3",
        r"unknown operation 'rlx.atention' \(did you mean 'rlx.attention'\?\)",
    ),
    "unknown dialect": ("fnuc.func @f()", "1:1", r"unknown operation 'fnuc.func' \(did you mean 'func.func'\?\)"),
    "misspelt terminator": ("func.func @f() {\n  retrun\n}", "2:3", r"'retrun' \(did you mean 'return'\?\)"),
    "nothing like it": ("quux.frobnicate", "1:1", "unknown operation 'quux.frobnicate'$"),
    "unknown attribute": ('"test.op"() {a = #rlx.mass<none>} : () -> ()', "1:19", r"unknown attribute 'rlx.mass'"),
    "unknown dialect type": ("func.func private @f(!rlx.cache)", "1:23", "unknown type 'rlx.cache'"),
    "missing parameters": (
        '"test.op"() {a = #emitc.opaque} : () -> ()',
        "1:19",
        r"'emitc.opaque' takes the parameters <value>",
    ),
    "misspelt type": ("func.func private @f(%x: tensr<2xf32>)", "1:26", r"expected a type \(did you mean 'tensor'\?\)"),
    "dimension beyond 64 bits": (
        f"func.func private @f(tensor<1x{2**63}xf32>)",
        "1:31",
        "a dimension is too large: sizes have 64 bits",
    ),
    "misspelt element type": ("func.func private @f(tensor<2xf33>)", "1:31", "expected an element type"),
    "wrong enumeration": (
        '"test.op"() {a = #rlx.mask<casual>} : () -> ()',
        "1:27",
        "Expected `none`, `causal`, or `sliding`",
    ),
    "attribute of another type": (
        "func.func @f(%x: tensor<1x2x4xf32>) {\n  %y = rlx.softcap %x {cap = 3 : i32} : tensor<1x2x4xf32>\n  return\n}",
        "2:3",
        "does not fit this operation",
    ),
    "undefined value": (
        "func.func @f(%query: i32) -> i32 {\n  return %quary : i32\n}",
        "2:10",
        r"'%quary' is used but not defined \(did you mean '%query'\?\)",
    ),
    "value defined twice": ("%a = arith.constant 1 : i32\n%a = arith.constant 1 : i32", "2:1", "already defined"),
    "value of another type": (
        "func.func @f(%a: i32, %b: f32) {\n  %c = arith.addi %a, %b : i32\n  return\n}",
        "2:23",
        "used with type i32, but has been previously used or defined with type f32",
    ),
    "undefined block": ("func.func @f() {\n  cf.br ^next\n}", "2:9", "the block '\\^next' is used but not defined"),
    "undefined alias": ("func.func private @f(!layer)", "1:28", "undefined symbol alias '!layer'"),
    "too few values": ("%c = arith.constant dense<[[1, 2], [3]]> : tensor<2x2xi8>", "1:40", "inconsistent ranks"),
    "value out of range": ("%c = arith.constant dense<300> : tensor<2xi8>", "1:46", "300 is out of range for type i8"),
    "float out of range": ("%c = arith.constant dense<1.0e39> : tensor<2xf32>", "1:50", "a number is out of range"),
    "not hexadecimal": (
        '%c = arith.constant dense<"0xzz"> : tensor<2xi32>',
        "1:50",
        "Hex string in denseAttr is invalid",
    ),
    "giant splat": ("%c = arith.constant dense<0> : tensor<99999999999xi8>", "1:32", "99999999999 elements; at most"),
    "giant integer": (f"%c = arith.constant {'9' * 5000} : i64", "1:5022", "Exceeds the limit"),
    "digit that is none": ('"test.op"() {a = ²} : () -> ()', "1:19", "invalid literal"),
    "float that xDSL lacks": ("%c = arith.constant dense<1.0> : tensor<2xf80>", "1:47", "xDSL does not support this"),
    "semi-affine map": ('"test.op"() {a = affine_map<(i, j) -> (i * j)>} : () -> ()', "1:45", "xDSL does not support"),
    "block defined twice": (
        "func.func @f() {\n  cf.br ^a\n^a:\n  return\n^a:\n  return\n}",
        "5:3",
        "'a' is not expected here",
    ),
    "deep nesting": ('"test.op"() ({' * 400, "1:", "nested too deeply"),
    "deep attribute": ('"test.op"() {a = ' + "[" * 3000, "1:", "nested too deeply"),
    "lone surrogate": ('"test.op"() {a = "\udc80"} : () -> ()', "1:21", "can't encode"),
}


@pytest.mark.parametrize(("text", "place", "message"), CASES.values(), ids=CASES.keys())
def test_bad_text(context: Context, text: str, place: str, message: str) -> None:
    with pytest.raises(RlxcError, match=message) as caught:
        parse_module(context, text, "layer.mlir")
    assert str(caught.value.location).startswith(f"layer.mlir:{place}")
    assert caught.value.render().isprintable() or "\n" in caught.value.render()


def test_report_shows_the_line_and_a_caret(context: Context) -> None:
    with pytest.raises(RlxcError) as caught:
        parse_module(context, "func.func @f() {\n\trlx.rop\n}", "layer.mlir")
    assert caught.value.render() == (
        "layer.mlir:2:2: error: unknown operation 'rlx.rop' (did you mean 'rlx.rope'?)\n\trlx.rop\n\t^"
    )


def test_report_names_the_other_place(context: Context) -> None:
    with pytest.raises(RlxcError) as caught:
        parse_module(context, "func.func @f() {\n  return\n^a:\n  return\n^a:\n  return\n}", "layer.mlir")
    assert caught.value.location == SourceLocation("layer.mlir", 5, 1)
    assert caught.value.hint == "originally declared here: layer.mlir:3:1"


def test_unclosed_string_takes_no_time(context: Context) -> None:
    start = time.perf_counter()
    with pytest.raises(RlxcError):
        parse_module(context, '"test.op"() {a = "' + "x" * 100_000)
    assert time.perf_counter() - start < 5


def test_operations_get_the_place_of_their_first_token(context: Context) -> None:
    module = parse_module(
        context, '\n  %a, %b = "test.op"() : () -> (i32, i32)\n"test.op"() : () -> () loc("x":7:8)', "f.mlir"
    )
    places = [str(op.location) for op in module.walk()]
    assert places == ['loc("f.mlir":1:1)', 'loc("f.mlir":2:3)', 'loc("x":7:8)']
