"""What is written in place and what is copied: values keep their meaning, and inputs their contents."""

from __future__ import annotations

import numpy as np

from printed_numpy import printed

ARGUMENTS = "%x: tensor<4x6xf32>, %y: tensor<4x2xf32>"


def program(text: str, results: str = "%r", types: str = "tensor<4x6xf32>", arguments: str = ARGUMENTS) -> str:
    returned = f"({types})" if "," in types else types
    return f"func.func @f({arguments}) -> {returned} {{\n{text}\nfunc.return {results} : {types}\n}}"


def pointwise(result: str, x: str, body: str, kind: str = "tensor<4x6xf32>") -> str:
    """`result` made from each element `%e` of `x`."""
    return f"""
      %empty_{result} = tensor.empty() : {kind}
      %{result} = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>],
                                   iterator_types = ["parallel", "parallel"]}}
        ins(%{x} : {kind}) outs(%empty_{result} : {kind}) {{
        ^bb0(%e: f32, %acc: f32):
          {body}
          linalg.yield %v : f32
      }} -> {kind}"""


def insert(result: str, part: str, dest: str, column: int) -> str:
    where = f"[0, {column}] [4, 2] [1, 1]"
    return f"%{result} = tensor.insert_slice %{part} into %{dest}{where} : tensor<4x2xf32> into tensor<4x6xf32>"


def difference(x: str, y: str) -> str:
    """`%difference` of two values."""
    kind = "tensor<4x6xf32>"
    return f"""
      %empty_difference = tensor.empty() : {kind}
      %difference = linalg.generic {{indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>,
                                                      affine_map<(i, j) -> (i, j)>],
                                     iterator_types = ["parallel", "parallel"]}}
        ins(%{x}, %{y} : {kind}, {kind}) outs(%empty_difference : {kind}) {{
        ^bb0(%a: f32, %b: f32, %acc: f32):
          %delta = arith.subf %a, %b : f32
          linalg.yield %delta : f32
      }} -> {kind}"""


DOUBLED = "%v = arith.addf %e, %e : f32"
X = np.arange(24, dtype=np.float32).reshape(4, 6)
Y = -np.ones((4, 2), np.float32)


def with_columns(x: np.ndarray, column: int, y: np.ndarray = Y) -> np.ndarray:
    result = x.copy()
    result[:, column : column + 2] = y
    return result


def test_an_input_is_copied_before_it_is_written():
    code = printed(program(insert("r", "y", "x", 2)))
    assert code.body == ["r = x.copy()", "r[:, 2:4] = y", "return r"]
    (result,) = code(X, Y)
    assert np.array_equal(result, with_columns(X, 2))


def test_a_dead_array_is_written_in_place():
    code = printed(program(pointwise("d", "x", DOUBLED) + insert("r", "y", "d", 0)))
    assert code.body == ["d = x + x", "d[:, :2] = y", "return d"]
    (result,) = code(X, Y)
    assert np.array_equal(result, with_columns(2 * X, 0))


def test_an_array_that_is_read_later_is_copied():
    code = printed(
        program(pointwise("d", "x", DOUBLED) + insert("r", "y", "d", 0), "%r, %d", "tensor<4x6xf32>, tensor<4x6xf32>")
    )
    assert code.body[1] == "r = d.copy()"
    result, doubled = code(X, Y)
    assert np.array_equal(result, with_columns(2 * X, 0))
    assert np.array_equal(doubled, 2 * X)


def test_an_array_of_which_a_view_is_read_later_is_copied():
    view = "%part = tensor.extract_slice %d[0, 0] [4, 2] [1, 1] : tensor<4x6xf32> to tensor<4x2xf32>\n"
    types = "tensor<4x6xf32>, tensor<4x2xf32>"
    code = printed(program(pointwise("d", "x", DOUBLED) + view + insert("r", "y", "d", 0), "%r, %part", types))
    result, part = code(X, Y)
    assert np.array_equal(result, with_columns(2 * X, 0))
    assert np.array_equal(part, 2 * X[:, :2])


def test_the_part_that_is_written_may_come_from_the_same_array():
    view = "%part = tensor.extract_slice %d[0, 0] [4, 2] [1, 1] : tensor<4x6xf32> to tensor<4x2xf32>\n"
    code = printed(program(pointwise("d", "x", DOUBLED) + view + insert("r", "part", "d", 1)))
    (result,) = code(X, Y)
    assert np.array_equal(result, with_columns(2 * X, 1, 2 * X[:, :2]))


def test_two_writes_to_one_value_make_two_arrays():
    both = insert("r", "y", "e", 0) + "\n" + insert("s", "y", "e", 2)
    ones = "%one = arith.constant 1.0 : f32\n%e0 = tensor.empty() : tensor<4x6xf32>\n%e = linalg.fill"
    fill = f"{ones} ins(%one : f32) outs(%e0 : tensor<4x6xf32>) -> tensor<4x6xf32>\n"
    code = printed(program(fill + both, "%r, %s", "tensor<4x6xf32>, tensor<4x6xf32>"))
    first, second = code(X, Y)
    assert np.array_equal(first, with_columns(np.ones_like(X), 0))
    assert np.array_equal(second, with_columns(np.ones_like(X), 2))


def test_a_result_is_never_an_array_of_the_caller():
    view = "%r = tensor.extract_slice %x[0, 0] [4, 2] [1, 1] : tensor<4x6xf32> to tensor<4x2xf32>"
    (part,) = printed(program(view, types="tensor<4x2xf32>"))(X, Y)
    (same,) = printed(program("", "%x"))(X, Y)
    assert not np.shares_memory(part, X)
    assert not np.shares_memory(same, X)
    assert part.flags.writeable


def test_a_broadcast_is_not_written():
    broadcast = """
      %empty = tensor.empty() : tensor<4x6xf32>
      %b = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>],
                           iterator_types = ["parallel", "parallel"]}
        ins(%v : tensor<6xf32>) outs(%empty : tensor<4x6xf32>) {
        ^bb0(%e: f32, %acc: f32):
          linalg.yield %e : f32
      } -> tensor<4x6xf32>
    """
    code = printed(program(broadcast + insert("r", "y", "b", 4), arguments="%v: tensor<6xf32>, %y: tensor<4x2xf32>"))
    (result,) = code(X[0], Y)
    assert np.array_equal(result, with_columns(np.broadcast_to(X[0], (4, 6)), 4))


LOOP = """
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  {before}
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %{initial}) -> (tensor<4x6xf32>) {{
    {body}
    scf.yield %{carried} : tensor<4x6xf32>
  }}
"""


def test_a_loop_writes_into_one_array():
    step = "%c2 = arith.constant 2 : index\n%column = arith.muli %i, %c2 : index\n" + insert("w", "y", "t", 0).replace(
        "[0, 0]", "[0, %column]"
    )
    empty = "%start = tensor.empty() : tensor<4x6xf32>"
    code = printed(program(LOOP.format(before=empty, initial="start", body=step, carried="w")))
    assert code.body == [
        "t = np.empty((4, 6), np.float32)",
        "for i in range(3):",
        "column = 2 * i",
        "t[:, column : column + 2] = y",
        "return t",
    ]
    (result,) = code(X, Y)
    assert np.array_equal(result, np.full((4, 6), -1, np.float32))


def test_a_loop_does_not_write_into_an_input():
    code = printed(program(LOOP.format(before="", initial="x", body=insert("w", "y", "t", 2), carried="w")))
    assert "t = x.copy()" in code.body
    (result,) = code(X, Y)
    assert np.array_equal(result, with_columns(X, 2))


def test_a_loop_copies_what_it_reads_after_writing():
    body = insert("w", "y", "t", 0) + difference("t", "w") + insert("v", "y", "difference", 2)
    code = printed(program(LOOP.format(before="", initial="x", body=body, carried="v")))
    (result,) = code(X, Y)
    expected = X
    for _ in range(3):
        expected = with_columns(expected - with_columns(expected, 0), 2)
    assert np.array_equal(result, expected)


def test_a_loop_hands_on_the_copy_that_it_writes():
    part = "%part = tensor.extract_slice %t[0, 4] [4, 2] [1, 1] : tensor<4x6xf32> to tensor<4x2xf32>\n"
    body = part + insert("w", "y", "t", 4) + "\n" + insert("v", "part", "w", 2)
    code = printed(program(LOOP.format(before="", initial="x", body=body, carried="v")))
    (result,) = code(X, Y)
    expected = X
    for _ in range(3):
        expected = with_columns(with_columns(expected, 4), 2, expected[:, 4:])
    assert np.array_equal(result, expected)


def test_a_loop_carries_a_new_value():
    code = printed(program(LOOP.format(before="", initial="x", body=pointwise("d", "t", DOUBLED), carried="d")))
    (result,) = code(X, Y)
    assert np.array_equal(result, 8 * X)


def test_a_loop_does_not_hand_on_an_array_that_is_written_later():
    code = printed("""
      func.func @f(%x: tensor<4x6xf32>, %y: tensor<4x2xf32>) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %two = arith.constant 2.0 : f32
        %e = tensor.empty() : tensor<4x6xf32>
        %a = linalg.fill ins(%two : f32) outs(%e : tensor<4x6xf32>) -> tensor<4x6xf32>
        %r, %s = scf.for %i = %c0 to %c1 step %c1 iter_args(%p = %a, %q = %x) -> (tensor<4x6xf32>, tensor<4x6xf32>) {
          scf.yield %p, %p : tensor<4x6xf32>, tensor<4x6xf32>
        }
        %w = tensor.insert_slice %y into %r[0, 0] [4, 2] [1, 1] : tensor<4x2xf32> into tensor<4x6xf32>
        func.return %w, %s : tensor<4x6xf32>, tensor<4x6xf32>
      }""")
    written, kept = code(X, Y)
    assert np.array_equal(written[:, :2], Y)
    assert np.array_equal(kept, np.full((4, 6), 2, np.float32))


def test_in_a_loop_an_array_that_is_read_no_more_is_updated():
    scaled = "%c = arith.constant 0.5 : f32\n%m = arith.mulf %e, %c : f32\n%v = math.exp %m : f32"
    body = pointwise("d", "t", DOUBLED) + pointwise("n", "d", "%v = arith.negf %e : f32") + pointwise("s", "n", scaled)
    code = printed(program(LOOP.format(before="", initial="x", body=body, carried="s")))
    assert code.body[2:-1] == ["d = t + t", "n = np.negative(d, out=d)", "n *= 0.5", "s = np.exp(n, out=n)", "t = s"]
    (result,) = code(X / 100, Y)
    expected = X / 100
    for _ in range(3):
        expected = np.exp(-expected)
    assert np.allclose(result, expected, rtol=1e-6)


def test_in_a_loop_an_array_that_is_read_again_is_not_updated():
    body = pointwise("d", "t", DOUBLED) + pointwise("n", "d", "%v = arith.negf %e : f32") + difference("d", "n")
    code = printed(program(LOOP.format(before="", initial="x", body=body, carried="difference")))
    assert code.body[2:5] == ["d = t + t", "n = -d", "d -= n"]
    (result,) = code(X, Y)
    assert np.array_equal(result, 64 * X)
