"""The signature that a bufferized module tells of itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics import RlxcError
from rlxc.native import read_signature
from rlxc.native.signature import ArrayType, Input, Panels, Parameter, RopeTable, ScalarType, Signature, Weight
from rlxc.native.signature_text import from_json, to_json

Parse = Callable[[str], ModuleOp]


def test_everything_is_read(affine_text: Callable[[str], str], parse: Parse) -> None:
    assert read_signature(parse(affine_text("gated_linear"))) == Signature(
        name="gated_linear",
        inputs=(
            Input("x", ArrayType("f32", ("B", "S", 4))),
            Input("visible", ArrayType("i1", ("B", "S"))),
            Input("position", ScalarType("index")),
        ),
        parameters=(
            Parameter("weight", ArrayType("f32", (4, 6)), Weight(("proj.weight",), transposed=True)),
            Parameter("cos", ArrayType("f32", (16, 6)), RopeTable("cos", 10000.0)),
        ),
        results=(ArrayType("f32", ("", "", 6)),),
        checks=("position must not be negative", 'the "cos" table holds 16 positions'),
        arena=True,
    )


def module(arguments: str, prepare: str, status: str = "i64") -> str:
    """An entry function `@f` with its `@f_prepare`, both without a body of interest."""
    return f"""
      func.func private @helper() {{ return }}
      func.func @f({arguments}) {{ return }}
      func.func @f_prepare({prepare}) -> {status} {{
        %ok = arith.constant 0 : i64
        return %ok : i64
      }}"""


def test_names_without_attributes_are_those_of_the_text(parse: Parse) -> None:
    text = module("%x: memref<?x2xf64>, %0: memref<i1>, %out: memref<3xi64>", "%a: memref<?x2xf64>, %b: memref<i1>")
    found = read_signature(parse(text))
    assert found.inputs == (Input("x", ArrayType("f64", ("", 2))), Input("arg1", ArrayType("i1", ())))
    assert found.results == (ArrayType("i64", (3,)),)


def test_several_keys(parse: Parse) -> None:
    found = read_signature(parse(module('%w: memref<2x2xf32> {rlx.keys = ["q", "k"]}, %r: memref<2xf32>', "")))
    assert found.parameters == (Parameter("w", ArrayType("f32", (2, 2)), Weight(("q", "k"), transposed=False)),)


def test_donated_input(parse: Parse) -> None:
    text = module("%x: memref<2xf32> {rlx.donated}, %r: memref<2xf32>", "%x: memref<2xf32>")
    assert read_signature(parse(text)).inputs == (Input("x", ArrayType("f32", (2,)), donated=True),)


def test_results_in_donated_inputs(parse: Parse) -> None:
    a, b = (f"memref<{n}xf32> {{rlx.donated, rlx.holds_result = {result}}}" for n, result in ((2, 2), (3, 0)))
    text = module(f"%a: {a}, %b: {b}, %r: memref<4xf32>", "%a: memref<2xf32>, %b: memref<3xf32>")
    found = read_signature(parse(text))
    assert [one.holds for one in found.inputs] == [2, 0]
    assert found.results == (ArrayType("f32", (3,)), ArrayType("f32", (4,)), ArrayType("f32", (2,)))
    assert found.holders == {2: 0, 0: 1}
    assert from_json(to_json(found)) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "func.func @f() -> i64 {\n%c = arith.constant 1 : i64\nreturn %c : i64 }\n"
            "func.func @f_prepare() -> i64 {\n%c = arith.constant 1 : i64\nreturn %c : i64 }",
            "'f' returns numbers",
        ),
        ("func.func @f() { return }", "no entry function with its '_prepare' function"),
        (module("%x: tensor<2xf32>, %r: memref<2xf32>", ""), "argument 0 has type tensor<2xf32>, expected a contig"),
        (
            module("%r: memref<2xf32, strided<[2]>>", ""),
            "argument 0 has type memref<2xf32, strided.*, expected a contig",
        ),
        (module("%r: memref<2xf16>", ""), "argument 0 has elements of type f16, expected f32, "),
    ],
)
def test_module_that_is_not_bufferized(parse: Parse, text: str, message: str) -> None:
    with pytest.raises(RlxcError, match=message):
        read_signature(parse(text))


def test_team_of_threads_and_panels(parse: Parse) -> None:
    text = module(
        '%x: memref<?x4xf32>, %threads: index {rlx.name = "num_threads", rlx.num_threads}, '
        '%w: memref<2x4x3xf32> {rlx.keys = ["w"], rlx.transposed, rlx.panels = 3 : i64}, '
        '%g: memref<4x4x3xf32> {rlx.keys = ["g", "u"], rlx.panels = 3 : i64, rlx.gated}, '
        '%e: memref<4x4x3xf32> {rlx.keys = ["e"], rlx.panels = 3 : i64, rlx.experts = 2 : i64}, %y: memref<?x5xf32>, '
        "%a: memref<?xi8> {rlx.arena}, %thread: index {rlx.thread}, %barrier: memref<16xi64> {rlx.barrier}",
        "%x: memref<?x4xf32>, %threads: index",
    )
    assert read_signature(parse(text)) == Signature(
        name="f",
        inputs=(Input("x", ArrayType("f32", ("", 4))),),
        parameters=(
            Parameter("w", ArrayType("f32", (2, 4, 3)), Weight(("w",), transposed=True), Panels(3)),
            Parameter("g", ArrayType("f32", (4, 4, 3)), Weight(("g", "u"), transposed=False), Panels(3, gated=True)),
            Parameter("e", ArrayType("f32", (4, 4, 3)), Weight(("e",), transposed=False), Panels(3, experts=2)),
        ),
        results=(ArrayType("f32", ("", 5)),),
        checks=(),
        arena=True,
        threaded=True,
    )


def test_team_without_barrier(parse: Parse) -> None:
    text = module("%n: index {rlx.num_threads}, %y: memref<2xf32>, %thread: index {rlx.thread}", "%n: index")
    with pytest.raises(RlxcError, match=r"shares its work, but has no argument rlx\.barrier"):
        read_signature(parse(text))
