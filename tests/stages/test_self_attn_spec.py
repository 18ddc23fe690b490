"""The fields of `SelfAttnPrefillSpec`: defaults, copies, and what does not fit together."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from rlxc import RlxcError
from rlxc.stages import SelfAttnPrefillSpec, bias, padding, sliding


def test_hf_layer() -> None:
    spec = SelfAttnPrefillSpec.hf_layer("model.layers.3", num_heads=32, head_dim=64, num_kv_heads=8)
    assert spec == SelfAttnPrefillSpec(
        q_key="model.layers.3.self_attn.q_proj.weight",
        k_key="model.layers.3.self_attn.k_proj.weight",
        v_key="model.layers.3.self_attn.v_proj.weight",
        num_heads=32,
        head_dim=64,
        num_kv_heads=8,
    )
    assert (spec.rotated, spec.group, spec.mask, spec.rope_style) == (64, 4, "causal", "half")


def test_hf_layer_overrides_and_default_kv_heads() -> None:
    spec = SelfAttnPrefillSpec.hf_layer("a", 4, 16, mask=sliding(3), norm_eps=1e-5)
    assert (spec.num_kv_heads, spec.mask, spec.norm_eps) == (4, sliding(3), 1e-5)


def test_changed_copies(spec: SelfAttnPrefillSpec) -> None:
    original = replace(spec)
    assert spec.with_n_rot(8).rotated == 8
    assert spec.with_rope_table("global").rope_table == "global"
    assert spec.with_rope_style("interleaved").rope_style == "interleaved"
    assert spec.with_k_eq_v().k_eq_v
    assert not spec.with_k_eq_v().with_k_eq_v(False).k_eq_v
    assert spec.with_mask(padding("causal")).mask == padding("causal")
    assert spec == original
    with pytest.raises(FrozenInstanceError):
        spec.n_rot = 4  # pyright: ignore[reportAttributeAccessIssue] (that this fails is the test)


def test_bias_keys(spec: SelfAttnPrefillSpec) -> None:
    assert [spec.bias_key(name) for name in "qkv"] == [None, None, None]
    assert replace(spec, bias=True).bias_key("k") == "model.layers.0.self_attn.k_proj.bias"
    assert replace(spec, k_bias_key="other").bias_key("k") == "other"
    assert replace(spec, bias=True, v_bias_key="other").bias_key("v") == "other"


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "heads that do not divide": ({"num_kv_heads": 3}, "num_heads = 4 is not a multiple of num_kv_heads = 3"),
    "no heads": ({"num_heads": 0}, "num_heads must be a positive integer, got 0"),
    "heads as text": ({"num_heads": "4"}, "num_heads must be a positive integer, got '4'"),
    "a boolean head_dim": ({"head_dim": True}, "head_dim must be a positive integer, got True"),
    "odd n_rot": ({"n_rot": 7}, "n_rot must be even, got 7"),
    "no n_rot": ({"n_rot": 0}, "n_rot must be a positive integer, got 0"),
    "n_rot without rope": (
        {"rope_style": "none", "n_rot": 8},
        "rope_style is 'none', but there is an n_rot or a rope_table",
    ),
    "n_rot beyond the head": ({"n_rot": 18}, "n_rot = 18 is more than head_dim = 16"),
    "odd head_dim": ({"head_dim": 15}, "n_rot must be even, got 15"),
    "rope style": (
        {"rope_style": "haff"},
        r"rope_style must be one of half, interleaved, none, got 'haff' \(did you mean 'half'\?\)",
    ),
    "mask": ({"mask": "casual"}, r"mask must be 'none', 'causal', .* got 'casual' \(did you mean 'causal'\?\)"),
    "mask of another type": ({"mask": 512}, "mask must be 'none', 'causal', .* got 512"),
    "softcap": ({"attn_logit_softcap": 0.0}, "attn_logit_softcap must be positive, got 0.0"),
    "infinite softcap": ({"attn_logit_softcap": float("inf")}, "attn_logit_softcap must be a finite number"),
    "scale": ({"score_scale": float("nan")}, "score_scale must be a finite number, got nan"),
    "eps": ({"norm_eps": -1e-6}, "norm_eps must be a finite number of at least 0, got -1e-06"),
    "offset": ({"norm_offset": "1"}, "norm_offset must be a finite number, got '1'"),
    "no V": ({"v_key": None}, "v_key is None"),
    "empty key": ({"q_key": ""}, "q_key must be the key of a weight, got ''"),
    "norm key": ({"q_norm_key": 3}, "q_norm_key must be the key of a weight, got 3"),
    "bias key": ({"bias": True, "k_key": "k"}, "bias is set, but k_key 'k' does not end in '.weight'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong(spec: SelfAttnPrefillSpec, case: str) -> None:
    fields, problem = WRONG[case]
    with pytest.raises(RlxcError, match=problem):
        replace(spec, **fields)


def test_remedies(spec: SelfAttnPrefillSpec) -> None:
    with pytest.raises(RlxcError) as caught:
        replace(spec, v_key=None)
    assert caught.value.hint == "name the weight of V, or set k_eq_v=True"
    with pytest.raises(RlxcError) as caught:
        replace(spec, bias=True, k_key="k")
    assert caught.value.hint == "name the bias in k_bias_key"


def test_masks_are_values() -> None:
    assert sliding(4) == sliding(4) != sliding(5)
    assert padding(sliding(4)) == padding(sliding(4))
    assert hash(bias("causal", input="b")) == hash(bias("causal", input="b"))
    for wrong in (0, -1, 1.5, True):
        with pytest.raises(RlxcError, match="sliding: window must be a positive integer"):
            sliding(wrong)  # pyright: ignore[reportArgumentType] (a wrong type is among the cases)
    with pytest.raises(RlxcError, match="a mask can have one padding, not two"):
        padding(bias(padding("causal")))
    with pytest.raises(RlxcError, match="mask must be 'none'"):
        padding("sometimes")  # pyright: ignore[reportArgumentType] (that this fails is the test)
