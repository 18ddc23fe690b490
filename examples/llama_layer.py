"""A Llama layer, scaled down: pre-norm, grouped-query attention with rope, SwiGLU, two residuals."""

import numpy as np

from rlxc import ModelFlow
from rlxc.stages import (
    Linear,
    ResidualAdd,
    ResidualSave,
    RmsNorm,
    RopeTables,
    SelfAttnPrefill,
    SelfAttnPrefillSpec,
    SwiGlu,
)

HIDDEN, HEADS, KV_HEADS, HEAD_DIM, INTERMEDIATE = 512, 8, 2, 64, 1408
LAYER = "model.layers.0"

spec = SelfAttnPrefillSpec.hf_layer(LAYER, num_heads=HEADS, head_dim=HEAD_DIM, num_kv_heads=KV_HEADS)

flow = (
    ModelFlow("llama_layer")
    .input("x", ("B", "S", HIDDEN))
    .stage(RopeTables(theta=500000.0, n_rot=HEAD_DIM, max_positions=4096))
    .stage(ResidualSave())
    .stage(RmsNorm(f"{LAYER}.input_layernorm.weight", eps=1e-5))
    .stage(SelfAttnPrefill(spec))
    .stage(Linear(f"{LAYER}.self_attn.o_proj.weight", transpose=True))
    .stage(ResidualAdd())
    .stage(ResidualSave())
    .stage(RmsNorm(f"{LAYER}.post_attention_layernorm.weight", eps=1e-5))
    .stage(SwiGlu.hf_mlp(f"{LAYER}.mlp"))
    .stage(ResidualAdd())
)

# Random weights stand in for a checkpoint; `--weights model.safetensors` takes their place.
random = np.random.default_rng(0)
SHAPES = {
    "self_attn.q_proj": (HEADS * HEAD_DIM, HIDDEN),
    "self_attn.k_proj": (KV_HEADS * HEAD_DIM, HIDDEN),
    "self_attn.v_proj": (KV_HEADS * HEAD_DIM, HIDDEN),
    "self_attn.o_proj": (HIDDEN, HEADS * HEAD_DIM),
    "mlp.gate_proj": (INTERMEDIATE, HIDDEN),
    "mlp.up_proj": (INTERMEDIATE, HIDDEN),
    "mlp.down_proj": (HIDDEN, INTERMEDIATE),
    "input_layernorm": (HIDDEN,),
    "post_attention_layernorm": (HIDDEN,),
}
weights = {f"{LAYER}.{name}.weight": random.standard_normal(shape, np.float32) * 0.05 for name, shape in SHAPES.items()}
