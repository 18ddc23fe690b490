"""Functions that are called with the weights of several layers, and caches that they write in place."""

from __future__ import annotations

import numpy as np
import pytest

from printed_numpy import ERROR, Array, parse, printed_rlx, relative_error
from rlxc.dialects.rlx.reference import evaluate
from rlxc.inspect.calls import without_calls

ROW, CACHE = "tensor<1x?x4xf32>", "tensor<1x?x4xf32>"

LAYERS = f"""
func.func @model(%x: {ROW}, %p: index, %c: {CACHE} {{rlx.donated}}, %d: {CACHE} {{rlx.donated}})
    -> ({ROW}, {CACHE}, {CACHE}) {{
  %norm = rlx.param "norm" : tensor<4xf32>
  %h0, %c1 = func.call @layer(%x, %p, %c) {{rlx.scope = "layers.0."}} : ({ROW}, index, {CACHE}) -> ({ROW}, {CACHE})
  %h1, %d1 = func.call @layer(%h0, %p, %d) {{rlx.scope = "layers.1."}} : ({ROW}, index, {CACHE}) -> ({ROW}, {CACHE})
  %y = rlx.rms_norm %h1 gamma(%norm) {{eps = 1.0e-06 : f64}} : {ROW}
  func.return %y, %c1, %d1 : {ROW}, {CACHE}, {CACHE}
}}
func.func private @layer(%h: {ROW}, %p: index, %k: {CACHE} {{rlx.donated}}) -> ({ROW}, {CACHE}) {{
  %cos = rlx.rope_table cos {{theta = 100.0 : f64}} : tensor<8x2xf32>
  %sin = rlx.rope_table sin {{theta = 100.0 : f64}} : tensor<8x2xf32>
  %new = func.call @projection(%h) {{rlx.scope = "attention."}} : ({ROW}) -> {ROW}
  %rotated = rlx.rope %new, %cos, %sin position(%p) {{head_dim = 4, n_rot = 4}} : {ROW}
  %keys = rlx.kv_append %k, %rotated position(%p) : {CACHE}, {ROW}
  %y = rlx.attention %rotated, %keys, %keys {{num_heads = 1, num_kv_heads = 1, head_dim = 4}} : {ROW}, {CACHE}
  func.return %y, %keys : {ROW}, {CACHE}
}}
func.func private @projection(%x: {ROW}) -> {ROW} {{
  %w = rlx.param "w" transposed : tensor<4x4xf32>
  %y = rlx.matmul %x, %w : {ROW}, tensor<4x4xf32>
  func.return %y : {ROW}
}}"""


def arrays(seed: int) -> tuple[list[Array | int], dict[str, Array]]:
    """The inputs of `LAYERS`, and its weights."""
    rng = np.random.default_rng(seed)
    x, c, d = (rng.standard_normal((1, rows, 4)).astype(np.float32) for rows in (2, 6, 6))
    keys = ("layers.0.attention.w", "layers.1.attention.w")
    weights: dict[str, Array] = {key: rng.standard_normal((4, 4)).astype(np.float32) for key in keys}
    return [x, 3, c, d], weights | {"norm": np.ones(4, np.float32)}


def test_each_call_takes_the_weights_of_its_layer():
    code = printed_rlx(LAYERS)
    assert code.body[-5:] == [
        'h0, c = layer(x, p, c, params["cos"], params["sin"], params["layers.0"])',
        'h1, d = layer(h0, p, d, params["cos"], params["sin"], params["layers.1"])',
        "rms = np.sqrt(np.mean(h1 * h1, axis=-1) + 1e-06)",
        'y = h1 / rms[..., None] * params["norm"]',
        "return y, c, d",
    ]
    assert 'new = projection(h, params["attention"])' in code.source
    assert "k[:, p : p + h_dim1] = rotated" in code.source
    assert ".copy()" not in code.source


def test_weights_are_loaded_by_scope():
    code = printed_rlx(LAYERS)
    for line in (
        '"w": stored(weights, (4, 4), np.float32, scope + "w").T,',
        '"attention": load_projection(weights, scope + "attention."),',
        '"layers.0": load_layer(weights, "layers.0."),',
        '"layers.1": load_layer(weights, "layers.1."),',
    ):
        assert line in code.source
    _, weights = arrays(0)
    params = code.variables["load"](weights)
    np.testing.assert_array_equal(params["layers.1"]["attention"]["w"], weights["layers.1.attention.w"].T)


def test_layers_compute_what_the_program_means():
    code, (inputs, weights) = printed_rlx(LAYERS), arrays(1)
    whole = without_calls(parse(LAYERS))
    expected = evaluate(whole, inputs, params=lambda op: stored(weights[op.key_names[0]]))
    found = code.variables[code.entry](*inputs, code.variables["load"](weights))
    assert found[1] is inputs[2]
    assert found[2] is inputs[3]
    assert max(map(relative_error, found, expected)) < ERROR["f32"]


def stored(weight: Array) -> Array:
    """A weight as a value: matrices are transposed."""
    return weight.T


def test_a_function_without_scopes_has_a_dictionary_of_its_own():
    twice = LAYERS.replace('{rlx.scope = "layers.0."} ', "").replace('{rlx.scope = "layers.1."} ', "")
    code = printed_rlx(twice)
    assert code.source.count('params["layer"])') == 2
    assert '"layer": load_layer(weights, ""),' in code.source


BOTH = f"""
func.func @model(%x: {ROW}, %c: {CACHE} DONATED) -> ({CACHE}, {CACHE}) {{
  %zero = arith.constant 0 : index
  %first = func.call @append(%x, %c, %zero) : ({ROW}, {CACHE}, index) -> {CACHE}
  %second = func.call @append(%x, OTHER, %zero) : ({ROW}, {CACHE}, index) -> {CACHE}
  func.return %first, %second : {CACHE}, {CACHE}
}}
func.func private @append(%x: {ROW}, %k: {CACHE} {{rlx.donated}}, %p: index) -> {CACHE} {{
  %keys = rlx.kv_append %k, %x position(%p) : {CACHE}, {ROW}
  func.return %keys : {CACHE}
}}"""


@pytest.mark.parametrize(
    ("donated", "other", "lines"),
    [
        ("", "%c", ["first = append(x, c.copy(), 0)", "second = append(x, c.copy(), 0)", "return first, second"]),
        ("{rlx.donated}", "%c", ["first = append(x, c.copy(), 0)", "c = append(x, c, 0)", "return first, c"]),
        ("{rlx.donated}", "%first", ["c = append(x, c, 0)", "second = append(x, c.copy(), 0)", "return c, second"]),
    ],
    ids=["of the caller", "needed later", "returned as it was"],
)
def test_a_copy_is_passed_where_the_old_contents_are_needed(donated: str, other: str, lines: list[str]):
    code = printed_rlx(BOTH.replace("DONATED", donated).replace("OTHER", other))
    assert code.body[-3:] == lines
    x, cache = (np.random.default_rng(rows).standard_normal((1, rows, 4)).astype(np.float32) for rows in (2, 6))
    before = cache.copy()
    found = code.variables[code.entry](x, cache, {})
    for one in found:
        np.testing.assert_array_equal(one, np.concatenate([x, before[:, 2:]], axis=1))
    assert not np.shares_memory(*found)
    assert np.array_equal(cache, before) == (donated == "")


def test_an_array_is_returned_once():
    text = (
        f"func.func @f(%c: {CACHE} {{rlx.donated}}) -> ({CACHE}, {CACHE}) {{ func.return %c, %c : {CACHE}, {CACHE} }}"
    )
    assert printed_rlx(text).body == ["return c, c.copy()"]
