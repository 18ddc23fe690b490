"""What `SelfAttnPrefill` emits, what it computes, and what it says when something is missing."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation

import rlxc
from rlxc import BuiltModel, ModelFlow, RlxcError
from rlxc.dialects.rlx import AttentionOp, ParamOp, RmsNormOp, RopeOp
from rlxc.stages import NamedRopeTables, RopeTables, SelfAttnPrefill, SelfAttnPrefillSpec, bias, padding, sliding
from rlxc.weights import content_digest

Array = NDArray[Any]

TABLES = RopeTables(theta=10000.0, n_rot=16, max_positions=32)
PREFIX = "model.layers.0.self_attn"


def flow(spec: SelfAttnPrefillSpec, *tables: RopeTables | NamedRopeTables, **inputs: Any) -> ModelFlow:
    """`spec` after rope tables (TABLES if none), with side inputs."""
    declared = ModelFlow("attn").input("x", ("B", "S", 64))
    for name, arguments in inputs.items():
        declared = declared.input(name, *arguments)
    return declared.stages(tables or (TABLES,)).stage(SelfAttnPrefill(spec))


def operations(built: BuiltModel, kind: type[Operation] | None = None) -> list[Any]:
    """The operations of the function, or those of one kind."""
    return [op for op in built.module.walk() if kind is None or isinstance(op, kind)]


def names(module: ModuleOp) -> Counter[str]:
    return Counter(op.name.removeprefix("rlx.") for op in module.walk() if op.name.startswith("rlx."))


def test_naive_line(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    built = flow(spec).build(weights)
    assert [op.name for op in operations(built) if op.name.startswith("rlx.") and "param" not in op.name] == [
        *["rlx.rope_table"] * 2,
        *["rlx.matmul"] * 3,
        *["rlx.rope"] * 2,
        *["rlx.repeat_kv"] * 2,
        "rlx.attention",
    ]
    params = operations(built, ParamOp)
    assert [op.key_names for op in params] == [(f"{PREFIX}.{name}_proj.weight",) for name in "qkv"]
    assert all(op.transposed is not None and op.digest is None for op in params)
    (attention,) = operations(built, AttentionOp)
    assert (attention.num_heads.value.data, attention.num_kv_heads.value.data) == (4, 4)
    assert attention.cos is None
    assert set(built.params) == {f"{PREFIX}.{name}_proj.weight" for name in "qkv"}


def test_no_repeat_without_groups(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    everyone = {**weights, **{f"{PREFIX}.{name}_proj.weight": np.ones((64, 64), np.float32) for name in "kv"}}
    built = flow(replace(spec, num_kv_heads=4)).build(everyone)
    assert "repeat_kv" not in names(built.module)


def test_k_eq_v_never_loads_v(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    del weights[spec.v_key or ""]
    built = flow(replace(spec.with_k_eq_v(), v_norm=True, k_norm_key=f"{PREFIX}.k_norm.weight")).build(weights)
    assert names(built.module)["matmul"] == 2
    v_norm, k_norm = operations(built, RmsNormOp)
    assert v_norm.x is k_norm.x
    assert v_norm.gamma is None
    assert k_norm.gamma is not None
    assert [op.x.name_hint for op in operations(built, RopeOp)] == ["q", "k_normed"]


def test_fields_reach_the_operations(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    changed = replace(
        spec,
        n_rot=8,
        rope_table="local",
        rope_style="interleaved",
        mask=padding(bias(sliding(5), input="b")),
        score_scale=0.3,
        attn_logit_softcap=20.0,
        q_norm_key=f"{PREFIX}.q_norm.weight",
        k_norm_key=f"{PREFIX}.k_norm.weight",
        v_norm=True,
        norm_eps=1e-3,
        norm_offset=1.0,
        bias=True,
    )
    tables = NamedRopeTables("local", theta=100.0, n_rot=8, max_positions=9)
    inputs = {"m": (("B", "S"), "i1"), "b": (("B", 1, "S", "S"), "f32")}
    built = flow(changed, tables, **inputs).build(weights)
    text = str(built.module)
    for line in (
        "%local_cos = rlx.rope_table cos {theta = 1.000000e+02 : f64} : tensor<9x4xf32>",
        "rlx.matmul %x, %k_proj_weight bias(%k_proj_bias)",
        "%q_normed = rlx.rms_norm %q gamma(%q_norm_weight) "
        "{eps = 1.000000e-03 : f64, offset = 1.000000e+00 : f64, head_dim = 16 : i64}",
        "%v_normed = rlx.rms_norm %v {eps = 1.000000e-03 : f64, head_dim = 16 : i64}",
        "rlx.rope %q_normed, %local_cos, %local_sin style(interleaved) {head_dim = 16 : i64, n_rot = 8 : i64}",
        "rlx.attention %q_rot, %k_repeated, %v_repeated mask(sliding<5>) padding(%m) bias(%b)",
        "scale = 3.000000e-01 : f64, softcap = 2.000000e+01 : f64}",
    ):
        assert line in text


def test_weights_with_equal_content_carry_a_digest(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    weights[f"{PREFIX}.v_proj.weight"] = weights[f"{PREFIX}.k_proj.weight"].astype(np.float64)
    weights[f"{PREFIX}.v_proj.bias"] = weights[f"{PREFIX}.k_proj.bias"].copy()
    built = flow(replace(spec, bias=True)).build(weights)
    digests = {op.key_names[0]: op.digest and op.digest.data for op in operations(built, ParamOp)}
    assert digests.pop(f"{PREFIX}.q_proj.weight") is digests.pop(f"{PREFIX}.q_proj.bias") is None
    assert digests == {
        f"{PREFIX}.{name}_proj.{kind}": content_digest(weights[f"{PREFIX}.k_proj.{kind}"])
        for name in "kv"
        for kind in ("weight", "bias")
    }
    fused = rlxc.lower_to(built.module, "fused", "rlx-eliminate-repeat-kv,rlx-dedup-k-eq-v")
    assert names(fused)["matmul"] == 2


def test_one_key_for_k_and_v_needs_no_digest(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    built = flow(replace(spec, v_key=spec.k_key)).build(weights)
    assert [op.digest for op in operations(built, ParamOp)] == [None, None]


def test_numbers(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    """Against softmax attention written with NumPy, without rope: all angles are zero."""
    zero_angles = RopeTables.from_arrays(np.ones((32, 8), np.float32), np.zeros((32, 8), np.float32))
    fn = rlxc.compile(flow(spec, zero_angles).build(weights), "reference", dtype=np.float64)
    x = np.random.default_rng(0).standard_normal((2, 5, 64)).astype(np.float32)
    q, k, v = (
        (x.astype(np.float64) @ weights[f"{PREFIX}.{name}_proj.weight"].T).reshape(2, 5, -1, 16).swapaxes(1, 2)
        for name in "qkv"
    )
    k, v = k[:, [0, 0, 1, 1]], v[:, [0, 0, 1, 1]]
    scores = np.where(np.tri(5, dtype=bool), q @ k.swapaxes(2, 3) / 4, -np.inf)
    weights_ = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    expected = (weights_ @ v).swapaxes(1, 2).reshape(2, 5, 64)
    np.testing.assert_allclose(fn(x), expected, rtol=1e-12, atol=1e-12)


WRONG_WEIGHTS: dict[str, tuple[str, Any, str]] = {
    "missing": ("q_proj.weight", None, "q_key: there is no weight 'model.layers.0.self_attn.q_proj.weight'"),
    "missing norm": ("k_norm.weight", None, "k_norm_key: there is no weight"),
    "missing bias": ("v_proj.bias", None, "v_bias_key: there is no weight"),
    "too many rows": (
        "k_proj.weight",
        np.ones((64, 64)),
        r"k_key: weight '.*' has shape \[64, 64\], expected \[32, 64\]",
    ),
    "columns": ("v_proj.weight", np.ones((32, 48)), r"v_key: weight '.*' has shape \[32, 48\], expected \[32, 64\]"),
    "rank": ("q_proj.weight", np.ones(4096), r"q_key: weight '.*' has shape \[4096\], expected \[64, 64\]"),
    "norm": ("q_norm.weight", np.ones(64), r"q_norm_key: weight '.*' has shape \[64\], expected \[16\]"),
    "bias": ("k_proj.bias", np.ones(64), r"k_bias_key: weight '.*' has shape \[64\], expected \[32\]"),
    "dtype": ("q_proj.weight", np.ones((64, 64), np.int8), "weight '.*' holds int8, expected floating-point numbers"),
}


@pytest.mark.parametrize("case", WRONG_WEIGHTS)
def test_wrong_weights(spec: SelfAttnPrefillSpec, weights: dict[str, Array], case: str) -> None:
    key, value, problem = WRONG_WEIGHTS[case]
    del weights[f"{PREFIX}.{key}"]
    if value is not None:
        weights[f"{PREFIX}.{key}"] = value
    full = replace(spec, bias=True, q_norm_key=f"{PREFIX}.q_norm.weight", k_norm_key=f"{PREFIX}.k_norm.weight")
    with pytest.raises(
        RlxcError, match=rf"test_self_attn_prefill.py:\d+:\d+: SelfAttnPrefill\(model.layers.0\): {problem}"
    ):
        flow(full).build(weights)


def test_all_weights_missing(spec: SelfAttnPrefillSpec) -> None:
    """The first of them is named."""
    with pytest.raises(RlxcError, match=r"q_key: there is no weight 'model.layers.0.self_attn.q_proj.weight'"):
        flow(spec).build({})


def test_missing_rope_tables(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    with pytest.raises(RlxcError, match=r"SelfAttnPrefill.*: there are no rope tables") as caught:
        ModelFlow("attn").input("x", ("B", "S", 64)).stage(SelfAttnPrefill(spec)).build(weights)
    assert caught.value.hint == "add RopeTables(theta=..., n_rot=16, max_positions=...) before this stage"


def test_missing_named_rope_table(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    local = NamedRopeTables("local", theta=1.0, n_rot=16, max_positions=9)
    with pytest.raises(RlxcError) as caught:
        flow(spec.with_rope_table("locl"), TABLES, local).build(weights)
    assert caught.value.message == (
        "SelfAttnPrefill(model.layers.0): rope_table is 'locl', but there is no table 'locl_cos' "
        "(did you mean 'local'?)"
    )
    assert caught.value.hint == "add NamedRopeTables('locl', theta=..., n_rot=16, max_positions=...) before this stage"


def test_rope_tables_of_another_width(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    with pytest.raises(RlxcError, match="n_rot = 8 needs rope tables of width 4, those of RopeTables have 8") as caught:
        flow(spec.with_n_rot(8)).build(weights)
    assert caught.value.hint == "make RopeTables with n_rot=8, or the spec with_n_rot(16)"


MASK_INPUTS: dict[str, tuple[Any, dict[str, Any], str, str]] = {
    "no padding declared": (
        padding(),
        {"other": (("B", "S"), "i64")},
        r"mask padding\(\) needs a boolean input of rank 2, but the flow declares none",
        'add .input("padding", ("B", "S"), dtype="i1") to the flow',
    ),
    "no bias declared": (
        bias(),
        {"mask": (("B", "S"), "i1")},
        r"mask bias\(\) needs a floating-point input of rank 4, but the flow declares none",
        'add .input("bias", ("B", 1, "S", "S")) to the flow',
    ),
    "two that fit": (
        padding(),
        {"a": (("B", "S"), "i1"), "b": (("B", "S"), "i1")},
        r"mask padding\(\) can read any of the inputs a, b",
        "name one: padding(input='a')",
    ),
    "a name that is not declared": (
        padding(input="musk"),
        {"mask": (("B", "S"), "i1")},
        r"declares no side input 'musk' \(did you mean 'mask'\?\)",
        'add .input("musk", ("B", "S"), dtype="i1") to the flow',
    ),
    "a named input of another type": (
        padding(input="mask"),
        {"mask": (("B", "S"), "f32")},
        r"needs a boolean input of rank 2, but 'mask' is tensor<\?x\?xf32>",
        'declare it by .input("mask", ("B", "S"), dtype="i1")',
    ),
}


@pytest.mark.parametrize("case", MASK_INPUTS)
def test_mask_inputs(spec: SelfAttnPrefillSpec, weights: dict[str, Array], case: str) -> None:
    mask, inputs, problem, hint = MASK_INPUTS[case]
    with pytest.raises(RlxcError, match=problem) as caught:
        flow(spec.with_mask(mask), **inputs).build(weights)
    assert caught.value.hint == hint


def test_mask_of_another_shape(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    with pytest.raises(RlxcError, match=r"SelfAttnPrefill.*dimension 'kv_len' is 7 here, but \? in an earlier operand"):
        flow(spec.with_mask(padding()), mask=(("B", 7), "i1")).build(weights)


def test_bias_of_another_type(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    with pytest.raises(RlxcError, match=r"SelfAttnPrefill\(model.layers.0\)"):
        flow(spec.with_mask(bias()), b=(("B", 1, "S", "S"), "f64")).build(weights)


def test_spec_itself_is_no_stage(spec: SelfAttnPrefillSpec) -> None:
    with pytest.raises(RlxcError, match="is not a stage") as caught:
        ModelFlow("attn").stage(spec)  # pyright: ignore[reportArgumentType] (that this fails is the test)
    assert caught.value.hint == ("wrap a spec in its stage, as in SelfAttnPrefill(spec), and a function in Custom(fn)")
    with pytest.raises(RlxcError, match="SelfAttnPrefill: spec must be a SelfAttnPrefillSpec, got 'model'"):
        SelfAttnPrefill("model")  # pyright: ignore[reportArgumentType] (that this fails is the test)
