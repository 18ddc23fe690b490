"""Norms, projections, feed-forward blocks, residuals and custom stages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.arith import MulfOp
from xdsl.ir import SSAValue

import rlxc
from rlxc import ModelFlow, RlxcError
from rlxc.dialects.rlx import MatmulOp, ParamOp, SoftcapOp
from rlxc.stages import (
    Custom,
    FlowContext,
    GeGlu,
    LayerNorm,
    Linear,
    ResidualAdd,
    ResidualSave,
    RmsNorm,
    Stage,
    SwiGlu,
)

Array = NDArray[Any]

PREFIX = "model.layers.0"
X = np.random.default_rng(2).standard_normal((2, 3, 64)).astype(np.float32)


def flow(*stages: Stage) -> ModelFlow:
    return ModelFlow("block").input("x", ("B", "S", 64)).stages(stages)


def run(weights: dict[str, Array], *stages: Stage) -> Array:
    """The stages in float64."""
    y = rlxc.compile(flow(*stages).build(weights), "reference", dtype=np.float64)(X)
    assert isinstance(y, np.ndarray)
    return y


def close(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-12, atol=1e-12))


def rms(x: Array, eps: float) -> Array:
    return x / np.sqrt(np.mean(x**2, -1, keepdims=True) + eps)


def test_rms_norm(weights: dict[str, Array]) -> None:
    x, w = X.astype(float), weights[f"{PREFIX}.norm.weight"].astype(float)
    assert close(run(weights, RmsNorm(f"{PREFIX}.norm.weight", 1e-2)), rms(x, 1e-2) * w)
    assert close(run(weights, RmsNorm(f"{PREFIX}.norm.weight", 1e-2, offset=1.0)), rms(x, 1e-2) * (1 + w))
    assert close(run(weights, RmsNorm(None, 1e-2)), rms(x, 1e-2))


def test_layer_norm(weights: dict[str, Array]) -> None:
    x, w, b = X.astype(float), weights[f"{PREFIX}.norm.weight"], weights[f"{PREFIX}.norm.bias"]
    centred = x - x.mean(-1, keepdims=True)
    normed = centred / np.sqrt(np.mean(centred**2, -1, keepdims=True) + 1e-2) * w.astype(float)
    assert close(run(weights, LayerNorm(f"{PREFIX}.norm.weight", eps=1e-2)), normed)
    both = LayerNorm(f"{PREFIX}.norm.weight", f"{PREFIX}.norm.bias", 1e-2)
    assert close(run(weights, both), normed + b.astype(float))


def test_linear(weights: dict[str, Array]) -> None:
    key, bias_key = f"{PREFIX}.self_attn.k_proj.weight", f"{PREFIX}.self_attn.k_proj.bias"
    x, w, b = X.astype(float), weights[key].astype(float), weights[bias_key].astype(float)
    assert close(run(weights, Linear(key)), x @ w.T)
    assert close(run(weights, Linear(key, bias_key=bias_key)), x @ w.T + b)
    assert close(run(weights, Linear(key, activation="relu")), np.maximum(x @ w.T, 0))
    weights[key] = np.ascontiguousarray(weights[key].T)
    assert close(run(weights, Linear(key, transpose=False)), x @ w.T)


@pytest.mark.parametrize("stage", [SwiGlu, GeGlu])
def test_gated_mlp(weights: dict[str, Array], stage: type[SwiGlu | GeGlu]) -> None:
    gate, up, down = (weights[f"{PREFIX}.mlp.{name}_proj.weight"].astype(float).T for name in ("gate", "up", "down"))
    g = X.astype(float) @ gate
    acts = {SwiGlu: g / (1 + np.exp(-g)), GeGlu: g / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (g + 0.044715 * g**3)))}
    assert close(run(weights, stage.hf_mlp(PREFIX)), (acts[stage] * (X.astype(float) @ up)) @ down)
    assert stage.hf_mlp(PREFIX) == stage.hf_mlp(f"{PREFIX}.mlp")


def test_residuals_nest(weights: dict[str, Array]) -> None:
    norm = RmsNorm(None, 1e-2)
    x = X.astype(float)
    inner = rms(x, 1e-2) + rms(rms(x, 1e-2), 1e-2)
    nested = run(weights, ResidualSave(), norm, ResidualSave(), norm, ResidualAdd(), ResidualAdd())
    assert close(nested, x + inner)


def test_one_param_for_each_key_and_orientation(weights: dict[str, Array]) -> None:
    key = f"{PREFIX}.square"
    weights[key] = np.eye(64, dtype=np.float32)
    built = flow(Linear(key), Linear(key, transpose=False), Linear(key)).build(weights)
    params = [op for op in built.module.walk() if isinstance(op, ParamOp)]
    assert [op.transposed is not None for op in params] == [True, False]
    matmuls = [op for op in built.module.walk() if isinstance(op, MatmulOp)]
    assert matmuls[0].weight is matmuls[2].weight
    assert set(built.params) == {key}


def test_custom(weights: dict[str, Array]) -> None:
    def scaled_cap(ctx: FlowContext, x: SSAValue) -> SSAValue:
        return ctx.emit(SoftcapOp(ctx.emit(MulfOp(x, ctx.inputs["factors"])), 0.5), "capped")

    built = (
        ModelFlow("block").input("x", ("B", "S", 64)).input("factors", ("B", "S", 64)).stage(Custom(scaled_cap))
    ).build(weights)
    y = rlxc.compile(built, "reference", dtype=np.float64)(X, factors=2 * X)
    assert isinstance(y, np.ndarray)
    assert close(y, 0.5 * np.tanh(2 * X.astype(float) ** 2 / 0.5))


def test_labels() -> None:
    stages = {
        RmsNorm("a.norm.weight"): "RmsNorm(a.norm)",
        RmsNorm(None): "RmsNorm",
        LayerNorm("a.norm.weight"): "LayerNorm(a.norm)",
        Linear("a.o_proj.weight"): "Linear(a.o_proj)",
        SwiGlu.hf_mlp("a"): "SwiGlu(a.mlp)",
        ResidualAdd(): "ResidualAdd",
        Custom(lambda ctx, x: x, name="tap"): "Custom(tap)",
    }
    assert [stage.label for stage in stages] == list(stages.values())


def narrow(ctx: FlowContext, x: SSAValue) -> SSAValue:
    return ctx.emit(MatmulOp(x, ctx.param(f"{PREFIX}.self_attn.k_proj.weight", transposed=True)))


def unfitting(ctx: FlowContext, x: SSAValue) -> SSAValue:
    return ctx.emit(MatmulOp(narrow(ctx, x), ctx.param(f"{PREFIX}.self_attn.q_proj.weight")))


def forgetful(ctx: FlowContext, x: SSAValue) -> Any:
    return None


WRONG: dict[str, tuple[list[Stage], str]] = {
    "no save": ([ResidualAdd()], "ResidualAdd: there is no saved residual"),
    "no add": ([ResidualSave(), RmsNorm(None)], "flow 'block': 1 ResidualSave without a ResidualAdd"),
    "another width": (
        [ResidualSave(), Linear(f"{PREFIX}.self_attn.k_proj.weight"), ResidualAdd()],
        r"ResidualAdd: the saved residual is tensor<\?x\?x64xf32>, but the block gives tensor<\?x\?x32xf32>",
    ),
    "a missing weight": ([Linear("a.weight")], r"Linear\(a\): key: there is no weight 'a.weight'"),
    "a weight of another shape": (
        [Linear(f"{PREFIX}.mlp.down_proj.weight")],
        r"Linear\(.*down_proj\): key: weight '.*' has shape \[64, 96\], expected \[any, 64\]",
    ),
    "a vector as a matrix": ([Linear(f"{PREFIX}.norm.weight")], r"has shape \[64\], expected \[any, 64\]"),
    "up of another width": (
        [SwiGlu(f"{PREFIX}.mlp.gate_proj.weight", f"{PREFIX}.self_attn.q_proj.weight", "x")],
        r"SwiGlu\(.*\): up_key: weight '.*' has shape \[64, 64\], expected \[96, 64\]",
    ),
    "norm of another width": (
        [RmsNorm(f"{PREFIX}.self_attn.q_norm.weight")],
        r"RmsNorm\(.*\): key: weight '.*' has shape \[16\], expected \[64\]",
    ),
    "beta": ([LayerNorm(f"{PREFIX}.norm.weight", "b")], r"LayerNorm\(.*\): beta_key: there is no weight 'b'"),
    "an operation that does not verify": (
        [Custom(unfitting)],
        r"Custom\(unfitting\): .*'in_features' is 64 here, but 32",
    ),
    "a custom stage without a result": ([Custom(forgetful)], "emit must give the value for the next stage, got None"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_flow(weights: dict[str, Array], case: str) -> None:
    stages, problem = WRONG[case]
    with pytest.raises(RlxcError, match=problem):
        flow(*stages).build(weights)


FIELDS: dict[str, tuple[Any, str]] = {
    "eps": (lambda: RmsNorm("a", -1.0), "RmsNorm: eps must be a finite number of at least 0"),
    "key": (lambda: Linear(""), "Linear: key must be the key of a weight, got ''"),
    "norm key": (lambda: LayerNorm(None), "LayerNorm: gamma_key must be the key of a weight, got None"),  # pyright: ignore[reportArgumentType] (that this fails is the test)
    "activation": (
        lambda: Linear("a", activation="slu"),  # pyright: ignore[reportArgumentType] (that this fails is the test)
        r"Linear: activation must be one of silu, gelu, gelu_tanh, relu, got 'slu' \(did you mean 'silu'\?\)",
    ),
    "mlp key": (lambda: SwiGlu("a", "b", ""), "SwiGlu: down_key must be the key of a weight"),
    "function": (lambda: Custom(3), "Custom takes a function of \\(ctx, x\\), got 3"),  # pyright: ignore[reportArgumentType] (that this fails is the test)
}


@pytest.mark.parametrize("case", FIELDS)
def test_wrong_fields(case: str) -> None:
    make, problem = FIELDS[case]
    with pytest.raises(RlxcError, match=problem):
        make()


@pytest.mark.parametrize(
    "declared", [(("B", 64), "f32"), (("B", "S", "H"), "f32"), (("B", "S", 64), "i64"), (("B", "S", 1, 64), "f32")]
)
def test_input_that_is_no_activation(weights: dict[str, Array], declared: Any) -> None:
    with pytest.raises(RlxcError, match=r"RmsNorm: takes activations \[batch, seq, features\] of f32.* got tensor"):
        ModelFlow("block").input("x", *declared).stage(RmsNorm(None)).build(weights)
