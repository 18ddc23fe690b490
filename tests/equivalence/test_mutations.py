"""Nothing is silently ignored: changing any attribute or optional operand of any operation changes every target.

A change counts if the result differs, or if it becomes an error.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.irdl import IRDLOperation, OptOperandDef

import rlxc
from rlxc.diagnostics import parse_module
from rlxc.dialects.rlx import RLX
from rlxc.inspect.registry import make_context

TARGETS = ("reference", "numpy", "native")

INPUTS = """%x: tensor<2x5x64xf32>, %y: tensor<2x5x64xf32>, %kv: tensor<2x5x32xf32>, %cos: tensor<16x8xf32>,
  %sin: tensor<16x8xf32>, %w: tensor<64x64xf32>, %wide: tensor<64xf32>, %wide2: tensor<64xf32>, %gain: tensor<16xf32>,
  %bias: tensor<2x4x5x5xf32>, %pad: tensor<2x5xi1>, %ids: tensor<2x5xi64>, %gates: tensor<2x5x2xf32>,
  %down: tensor<16x128xf32>, %n: index, %p: index"""


class Mutations(NamedTuple):
    """An operation with all it can have, and for its attributes and optional operands a text to replace by another."""

    text: str
    changes: dict[str, tuple[str, str]]


MUTATIONS = {
    "rlx.param": Mutations(
        '%r = rlx.param "a", "b" transposed digest("DIGEST") : tensor<64x64xf32>',
        {
            "keys": ('"a", "b"', '"b", "a"'),
            "transposed": ('"a", "b" transposed', '"square"'),
            "digest": ('"a", "b" transposed digest("DIGEST")', '"square" digest("blake2b:0")'),
        },
    ),
    "rlx.rope_table": Mutations(
        "%r = rlx.rope_table cos {theta = 10000.0 : f64} : tensor<64x64xf32>",
        {"kind": ("cos", "sin"), "theta": ("10000.0", "9000.0")},
    ),
    "rlx.matmul": Mutations(
        "%r = rlx.matmul %x, %w bias(%wide) activation(silu) residual(%y) : tensor<2x5x64xf32>, tensor<64x64xf32>",
        {
            "bias": ("bias(%wide)", ""),
            "activation": ("silu", "gelu"),
            "residual": ("residual(%y)", ""),
        },
    ),
    "rlx.glu_matmul": Mutations(
        "%r = rlx.glu_matmul %x, %w activation(gelu) : tensor<2x5x64xf32>, tensor<64x64xf32> -> tensor<2x5x32xf32>",
        {"activation": ("gelu", "gelu_tanh")},
    ),
    "rlx.split": Mutations(
        "%r, %s = rlx.split %x sizes [32, 32] : tensor<2x5x64xf32> -> tensor<2x5x32xf32>, tensor<2x5x32xf32>",
        {
            "sizes": (
                "[32, 32] : tensor<2x5x64xf32> -> tensor<2x5x32xf32>",
                "[48, 16] : tensor<2x5x64xf32> -> tensor<2x5x48xf32>",
            )
        },
    ),
    "rlx.rope": Mutations(
        "%r = rlx.rope %x, %cos, %sin position(%p) style(half) {head_dim = 16, n_rot = 16} : tensor<2x5x64xf32>",
        {
            "position": ("position(%p)", ""),
            "style": ("style(half)", "style(interleaved)"),
            "head_dim": ("head_dim = 16", "head_dim = 32"),
            "n_rot": ("n_rot = 16", "n_rot = 8"),
        },
    ),
    "rlx.repeat_kv": Mutations(
        "%r = rlx.repeat_kv %kv {head_dim = 16, group = 2} : tensor<2x5x32xf32> -> tensor<2x5x64xf32>",
        {
            "head_dim": ("head_dim = 16", "head_dim = 8"),
            "group": (
                "group = 2} : tensor<2x5x32xf32> -> tensor<2x5x64xf32>",
                "group = 3} : tensor<2x5x32xf32> -> tensor<2x5x96xf32>",
            ),
        },
    ),
    "rlx.attention": Mutations(
        """%r = rlx.attention %x, %kv, %kv rope(%cos, %sin) style(half) k_gain(%gain) mask(causal) padding(%pad)
             bias(%bias) kv_length(%n) query_offset(%p) {num_heads = 4, num_kv_heads = 2, head_dim = 16, n_rot = 16,
             scale = 0.5 : f64, softcap = 2.0 : f64} : tensor<2x5x64xf32>, tensor<2x5x32xf32>""",
        {
            "cos": ("rope(%cos, %sin)", "rope(%sin, %sin)"),
            "sin": ("rope(%cos, %sin)", "rope(%cos, %cos)"),
            "rope_style": ("style(half)", "style(interleaved)"),
            "k_gain": ("k_gain(%gain)", ""),
            "mask": ("mask(causal)", "mask(sliding<2>)"),
            "padding": ("padding(%pad)", ""),
            "bias": ("bias(%bias)", ""),
            "kv_length": ("kv_length(%n)", ""),
            "query_offset": ("query_offset(%p)", ""),
            "num_heads": ("num_heads = 4", "num_heads = 2"),
            "num_kv_heads": ("num_kv_heads = 2", "num_kv_heads = 1"),
            "head_dim": (
                "num_heads = 4, num_kv_heads = 2, head_dim = 16",
                "num_heads = 2, num_kv_heads = 1, head_dim = 32",
            ),
            "n_rot": ("n_rot = 16", "n_rot = 8"),
            "scale": ("0.5", "0.25"),
            "softcap": ("2.0", "1.0"),
        },
    ),
    "rlx.rms_norm": Mutations(
        "%r = rlx.rms_norm %x gamma(%gain) {eps = 0.001 : f64, offset = 1.0 : f64, head_dim = 16} : tensor<2x5x64xf32>",
        {
            "gamma": ("gamma(%gain) {eps = 0.001 : f64, offset = 1.0 : f64,", "{eps = 0.001 : f64,"),
            "eps": ("0.001", "0.1"),
            "offset": ("1.0", "0.5"),
            "head_dim": (
                "gamma(%gain) {eps = 0.001 : f64, offset = 1.0 : f64, head_dim = 16}",
                "{eps = 0.001 : f64, head_dim = 8}",
            ),
        },
    ),
    "rlx.layer_norm": Mutations(
        "%r = rlx.layer_norm %x, %wide, %wide2 {eps = 0.001 : f64} : tensor<2x5x64xf32>",
        {"beta": ("%wide, %wide2", "%wide"), "eps": ("0.001", "0.1")},
    ),
    "rlx.add_rms_norm": Mutations(
        "%s, %r = rlx.add_rms_norm %x, %y, %wide {eps = 0.001 : f64, offset = 1.0 : f64} : tensor<2x5x64xf32>",
        {"eps": ("0.001", "0.1"), "offset": ("1.0", "0.5")},
    ),
    "rlx.glu": Mutations(
        "%r = rlx.glu %x, %y activation(gelu) : tensor<2x5x64xf32>", {"activation": ("gelu", "gelu_tanh")}
    ),
    "rlx.softcap": Mutations("%r = rlx.softcap %x {cap = 2.0 : f64} : tensor<2x5x64xf32>", {"cap": ("2.0", "2.5")}),
    "rlx.embed": Mutations(
        "%r = rlx.embed %w, %ids {scale = 2.0 : f64} : tensor<64x64xf32>, tensor<2x5xi64>", {"scale": ("2.0", "3.0")}
    ),
    "rlx.position_embed": Mutations(
        "%r = rlx.position_embed %x, %w position(%p) : tensor<2x5x64xf32>, tensor<64x64xf32>",
        {"position": ("position(%p)", "")},
    ),
    "rlx.kv_append": Mutations(
        "%r = rlx.kv_append %x, %z position(%p) : tensor<2x5x64xf32>, tensor<2x1x64xf32>",
        {"position": ("(%p)", "(%n)")},
    ),
    "rlx.route": Mutations(
        "%r = rlx.route %x renormalize expert_scale(%wide) {top_k = 3} : tensor<2x5x64xf32>",
        {
            "expert_scale": ("expert_scale(%wide)", ""),
            "renormalize": ("renormalize", ""),
            "top_k": ("top_k = 3", "top_k = 4"),
        },
    ),
    "rlx.moe": Mutations(
        "%r = rlx.moe %x, %gates, %w, %down activation(gelu) "
        ": tensor<2x5x64xf32>, tensor<2x5x2xf32>, tensor<64x64xf32>, tensor<16x128xf32>",
        {"activation": ("gelu", "relu")},
    ),
}
"""Operation -> what to change. `position` of kv_append is required, and changed all the same."""

CHANGES = [(name, what) for name, mutations in MUTATIONS.items() for what in mutations.changes]


def test_every_attribute_and_optional_operand_is_listed():
    for operation in RLX.operations:
        assert issubclass(operation, IRDLOperation)
        definition = operation.get_irdl_definition()
        optional = {name for name, operand in definition.operands if isinstance(operand, OptOperandDef)}
        members = optional | {name for name in definition.properties if name != "operandSegmentSizes"}
        assert members - MUTATIONS[operation.name].changes.keys() == set(), operation.name


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("operation", "what"), CHANGES)
def test_a_change_shows(operation: str, what: str, target: str):
    text, (old, new) = MUTATIONS[operation].text, MUTATIONS[operation].changes[what]
    assert old in text
    before = outcome(text, target)
    assert not isinstance(before, str), before
    after = outcome(text.replace(old, new, 1), target)
    assert isinstance(after, str) or differs(before, after), f"{target} ignores '{what}' of {operation}"


@cache
def outcome(text: str, target: Any) -> NDArray[Any] | str:
    """The first result of the operation, or the error that it gives."""
    weights, values = weights_and_inputs()
    text = text.replace("DIGEST", digest_of_both(weights))
    try:
        module = parse_module(make_context(), program(text), "mutation.mlir")
        result = rlxc.compile(module, target, weights=weights, pipeline=None)(**values)
    except rlxc.RlxcError as error:
        return str(error)
    return result[0] if isinstance(result, tuple) else result


def program(text: str) -> str:
    """A function that does the operation and returns `%r`."""
    result = text.rpartition("->")[2].split(", ")[0] if "->" in text else result_type(text)
    return f"""
func.func @f({INPUTS}, %z: tensor<2x1x64xf32>) -> {result} {{
  {text}
  func.return %r : {result}
}}"""


def result_type(text: str) -> str:
    """The type of `%r`: that of the first operand, or of a weight."""
    if "rlx.param" in text or "rlx.rope_table" in text:
        return "tensor<64x64xf32>"
    return "tensor<2x5x64xf32>"


@cache
def weights_and_inputs() -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    random = np.random.default_rng(0)

    def array(*shape: int) -> NDArray[np.float32]:
        return random.standard_normal(shape).astype(np.float32)

    weights = {"a": array(32, 64), "b": array(32, 64), "square": array(64, 64)}
    values = {
        "x": array(2, 5, 64), "y": array(2, 5, 64), "kv": array(2, 5, 32), "cos": array(16, 8), "sin": array(16, 8),
        "w": array(64, 64), "wide": array(64), "wide2": array(64), "gain": array(16), "bias": array(2, 4, 5, 5),
        "pad": np.array([[True, False, True, True, True]] * 2), "ids": random.integers(0, 64, (2, 5)),
        "gates": array(2, 5, 2), "down": array(16, 128),
        "n": 4, "p": 1, "z": array(2, 1, 64),
    }  # fmt: skip
    return weights, values


def digest_of_both(weights: dict[str, NDArray[Any]]) -> str:
    from rlxc.weights import content_digest

    return content_digest(np.concatenate([weights["a"], weights["b"]]))


def differs(before: NDArray[Any], after: NDArray[Any] | str) -> bool:
    assert not isinstance(after, str)
    return before.shape != after.shape or float(np.max(np.abs(before - after))) > 1e-4
