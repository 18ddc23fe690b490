"""What has no NumPy form is an error that names the operation and its place, never a slow loop."""

from __future__ import annotations

import pytest
from xdsl.utils.exceptions import DiagnosticException

from printed_numpy import parse
from rlxc.numpy_backend import emit_numpy

GENERIC = """
func.func @f(%x: tensor<4x{columns}xf32>, %t: tensor<4xf32>) -> tensor<4xf32> {{
  %start = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4xf32>
  %init = linalg.fill ins(%start : f32) outs(%empty : tensor<4xf32>) -> tensor<4xf32>
  %y = linalg.generic {{indexing_maps = [affine_map<(i, j) -> ({map})>, affine_map<(i, j) -> (j)>,
                                        affine_map<(i, j) -> (i)>],
                        iterator_types = ["parallel", "reduction"]}}
    ins(%x, %t : tensor<4x{columns}xf32>, tensor<4xf32>) outs(%init : tensor<4xf32>) {{
    ^bb0(%e: f32, %other: f32, %acc: f32):
      {body}
      linalg.yield %v : f32
  }} -> tensor<4xf32>
  func.return %y : tensor<4xf32>
}}
"""


def generic(body: str = "%v = arith.addf %acc, %e : f32", map_: str = "i, j", columns: int = 4) -> str:
    return GENERIC.format(body=body, map=map_, columns=columns)


def function(text: str, kind: str = "tensor<4xf32>", arguments: str = "%x: tensor<4xf32>") -> str:
    return f"func.func @f({arguments}) -> {kind} {{\n{text}\nfunc.return %y : {kind}\n}}"


RANK_3 = "tensor<1x2x4xf32>"

CASES = {
    "an rlx operation": (
        function(
            "%y = rlx.softcap %x {cap = 1.0 : f64} : tensor<1x2x4xf32>", "tensor<1x2x4xf32>", "%x: tensor<1x2x4xf32>"
        ),
        "'rlx.softcap' as NumPy code: it does not belong to the linalg level (run convert-rlx-to-linalg before)",
    ),
    "an operation on buffers": (
        function("%m = memref.alloc() : memref<4xf32>\n%y = tensor.cast %x : tensor<4xf32> to tensor<4xf32>"),
        "'memref.alloc' as NumPy code: it does not belong to the linalg level",
    ),
    "a constant tensor": (
        function("%y = arith.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>"),
        "'arith.constant' as NumPy code: it does not belong to the linalg level",
    ),
    "an operation on whole tensors": (
        function("%y = arith.addf %x, %x : tensor<4xf32>"),
        "'arith.addf' as NumPy code: it does not belong to the linalg level (run convert-rlx-to-linalg before)",
    ),
    "a call of a function without a body": (
        function("%y = func.call @g(%x) : (tensor<4xf32>) -> tensor<4xf32>")
        + "\nfunc.func private @g(tensor<4xf32>) -> tensor<4xf32>",
        "'func.call' as NumPy code: @g has no body",
    ),
    "a scalar operation": (
        generic(
            "%b = arith.bitcast %e : f32 to i32\n%w = arith.bitcast %b : i32 to f32\n%v = arith.addf %acc, %w : f32"
        ),
        "'arith.bitcast' as NumPy code: it has no NumPy form here",
    ),
    "a comparison": (
        generic(
            "%z = arith.constant 0.0 : f32\n%c = arith.cmpf ueq, %e, %z : f32\n%s = arith.select %c, %z, %e : f32\n"
            "%v = arith.addf %acc, %s : f32"
        ),
        "'arith.cmpf' as NumPy code: this predicate has no NumPy form here",
    ),
    "a reduction by subtraction": (
        generic("%v = arith.subf %acc, %e : f32"),
        "'linalg.generic' as NumPy code: its body does not combine the accumulator with a term",
    ),
    "an accumulator that is used twice": (
        generic("%p = arith.mulf %acc, %e : f32\n%v = arith.addf %acc, %p : f32"),
        "'linalg.generic' as NumPy code: its body uses the accumulator more than once",
    ),
    "an index that is a sum": (
        generic(map_="i, i + j", columns=7),
        "'linalg.generic' as NumPy code: the index (d0 + d1) is neither a loop of its own nor 0",
    ),
    "a diagonal": (
        generic(map_="i, i"),
        "'linalg.generic' as NumPy code: the index d0 is neither a loop of its own nor 0",
    ),
    "a term without the loop": (
        generic("%c = arith.constant 1.0 : f32\n%v = arith.addf %acc, %c : f32"),
        "'linalg.generic' as NumPy code: its terms do not depend on all loops",
    ),
    "an element type": (
        function("%y = tensor.empty() : tensor<4xbf16>", "tensor<4xbf16>"),
        "'tensor.empty' as NumPy code: NumPy has no element type bf16",
    ),
    "division that rounds otherwise": (
        function(
            "%c2 = arith.constant 2 : index\n%half = arith.divsi %n, %c2 : index\n"
            "%y = tensor.empty(%half) : tensor<?xf32>",
            "tensor<?xf32>",
            "%n: index",
        ),
        "'arith.divsi' as NumPy code: it divides numbers that may be negative",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_says_what_and_why(case: str):
    text, message = CASES[case]
    with pytest.raises(DiagnosticException) as caught:
        emit_numpy(parse(text))
    assert message in str(caught.value)


def test_says_where():
    text = f'%y = rlx.softcap %x {{cap = 1.0 : f64}} : {RANK_3} loc("layer.mlir":7:3)'
    module = parse(function(text, RANK_3, f"%x: {RANK_3}"))
    with pytest.raises(DiagnosticException, match=r"^layer\.mlir:7:3: cannot print 'rlx\.softcap' as NumPy code: "):
        emit_numpy(module)
