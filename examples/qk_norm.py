"""Attention as in Qwen3: the heads of Q and K are normalised before the rotation."""

import numpy as np

from rlxc import ModelFlow
from rlxc.stages import Linear, RopeTables, SelfAttnPrefill, SelfAttnPrefillSpec

HIDDEN, HEADS, KV_HEADS, HEAD_DIM = 512, 8, 4, 64
LAYER = "model.layers.0"

spec = SelfAttnPrefillSpec.hf_layer(
    LAYER,
    num_heads=HEADS,
    head_dim=HEAD_DIM,
    num_kv_heads=KV_HEADS,
    q_norm_key=f"{LAYER}.self_attn.q_norm.weight",
    k_norm_key=f"{LAYER}.self_attn.k_norm.weight",
    norm_eps=1e-6,
)

flow = (
    ModelFlow("qk_norm")
    .input("x", ("B", "S", HIDDEN))
    .stage(RopeTables(theta=1000000.0, n_rot=HEAD_DIM, max_positions=4096))
    .stage(SelfAttnPrefill(spec))
    .stage(Linear(f"{LAYER}.self_attn.o_proj.weight", transpose=True))
)

random = np.random.default_rng(0)
SHAPES = {
    "q_proj": (HEADS * HEAD_DIM, HIDDEN),
    "k_proj": (KV_HEADS * HEAD_DIM, HIDDEN),
    "v_proj": (KV_HEADS * HEAD_DIM, HIDDEN),
    "o_proj": (HIDDEN, HEADS * HEAD_DIM),
    "q_norm": (HEAD_DIM,),
    "k_norm": (HEAD_DIM,),
}
weights = {
    f"{LAYER}.self_attn.{name}.weight": random.standard_normal(shape, np.float32) * (0.05 if len(shape) == 2 else 0.3)
    for name, shape in SHAPES.items()
}
