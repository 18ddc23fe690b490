"""A whole model of stages on a GGUF file, under Hugging Face names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from xdsl.ir import SSAValue

import rlxc
from rlxc.dialects.rlx import EmbedOp
from rlxc.stages import (
    Custom,
    FlowContext,
    Linear,
    ResidualAdd,
    ResidualSave,
    RmsNorm,
    RopeTables,
    SelfAttnPrefill,
    SelfAttnPrefillSpec,
    SwiGlu,
)

GGUF = Path(__file__).parents[1] / "data" / "gguf"
ABOUT = json.loads((GGUF / "llama_q8_0.json").read_text())
CONFIG, EPS = ABOUT["config"], ABOUT["config"]["rms_norm_eps"]


def embed(ctx: FlowContext, ids: SSAValue) -> SSAValue:
    return ctx.emit(EmbedOp(ctx.param("model.embed_tokens.weight"), ids), "embedded")


def layer(flow: rlxc.ModelFlow, prefix: str) -> rlxc.ModelFlow:
    spec = SelfAttnPrefillSpec.hf_layer(prefix, CONFIG["num_attention_heads"], CONFIG["head_dim"], 2)
    attention = [RmsNorm(f"{prefix}.input_layernorm.weight", EPS), SelfAttnPrefill(spec)]
    feed_forward = [RmsNorm(f"{prefix}.post_attention_layernorm.weight", EPS), SwiGlu.hf_mlp(prefix)]
    return (
        flow.stage(ResidualSave())
        .stages(attention)
        .stage(Linear(f"{prefix}.self_attn.o_proj.weight"))
        .stage(ResidualAdd())
        .stage(ResidualSave())
        .stages(feed_forward)
        .stage(ResidualAdd())
    )


@pytest.mark.parametrize("target", ["reference", "numpy", "native"])
def test_logits(target: Any) -> None:
    flow = rlxc.ModelFlow("model").input("ids", ("B", "S"), dtype="i64").stage(Custom(embed))
    flow = flow.stage(RopeTables(theta=1e4, n_rot=CONFIG["head_dim"], max_positions=32))
    for number in range(CONFIG["num_hidden_layers"]):
        flow = layer(flow, f"model.layers.{number}")
    flow = flow.stage(RmsNorm("model.norm.weight", EPS)).stage(Linear("lm_head.weight"))
    with np.load(GGUF / "llama_q8_0.npz") as reference:
        ids, expected = reference["input_ids"], reference["logits64"]
    logits = rlxc.compile(flow.build(GGUF / "llama_q8_0.gguf"), target)(ids[None])
    assert isinstance(logits, np.ndarray)
    assert np.max(np.abs(logits[0] - expected)) <= ABOUT["tolerance_f32"]
