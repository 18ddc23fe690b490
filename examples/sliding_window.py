"""Attention as in Mistral: each query sees a window of keys; padded prompts in one batch."""

import numpy as np

from rlxc import ModelFlow
from rlxc.stages import Linear, RopeTables, SelfAttnPrefill, SelfAttnPrefillSpec, padding, sliding

HIDDEN, HEADS, KV_HEADS, HEAD_DIM = 512, 8, 2, 64
LAYER = "model.layers.0"

spec = SelfAttnPrefillSpec.hf_layer(
    LAYER, num_heads=HEADS, head_dim=HEAD_DIM, num_kv_heads=KV_HEADS, mask=padding(sliding(128))
)

flow = (
    ModelFlow("sliding_window")
    .input("x", ("B", "S", HIDDEN))
    .input("mask", ("B", "S"), dtype="i1")
    .stage(RopeTables(theta=10000.0, n_rot=HEAD_DIM, max_positions=4096))
    .stage(SelfAttnPrefill(spec))
    .stage(Linear(f"{LAYER}.self_attn.o_proj.weight", transpose=True))
)

random = np.random.default_rng(0)
SHAPES = {
    "q_proj": (HEADS * HEAD_DIM, HIDDEN),
    "k_proj": (KV_HEADS * HEAD_DIM, HIDDEN),
    "v_proj": (KV_HEADS * HEAD_DIM, HIDDEN),
    "o_proj": (HIDDEN, HEADS * HEAD_DIM),
}
weights = {
    f"{LAYER}.self_attn.{name}.weight": random.standard_normal(shape, np.float32) * 0.05
    for name, shape in SHAPES.items()
}
