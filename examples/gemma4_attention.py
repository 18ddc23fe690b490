"""Attention as in the full layers of Gemma 4: V is the K projection, and both are normalised apart.

One key/value head, partial rope from a named table, scale 1, and, to show it, a cap on the scores.
"""

import numpy as np

from rlxc import ModelFlow
from rlxc.stages import Linear, NamedRopeTables, SelfAttnPrefill, SelfAttnPrefillSpec

HIDDEN, HEADS, HEAD_DIM, N_ROT = 512, 8, 128, 32
LAYER = "model.layers.5"

spec = (
    SelfAttnPrefillSpec.hf_layer(
        LAYER,
        num_heads=HEADS,
        head_dim=HEAD_DIM,
        num_kv_heads=1,
        score_scale=1.0,
        attn_logit_softcap=50.0,
        q_norm_key=f"{LAYER}.self_attn.q_norm.weight",
        k_norm_key=f"{LAYER}.self_attn.k_norm.weight",
        v_norm=True,
        norm_eps=1e-6,
    )
    .with_rope_table("global")
    .with_n_rot(N_ROT)
    .with_k_eq_v(True)
)

flow = (
    ModelFlow("gemma4_attention")
    .input("x", ("B", "S", HIDDEN))
    .stage(NamedRopeTables("global", theta=1e6, n_rot=N_ROT, max_positions=4096))
    .stage(SelfAttnPrefill(spec))
    .stage(Linear(f"{LAYER}.self_attn.o_proj.weight", transpose=True))
)

random = np.random.default_rng(0)
SHAPES = {
    "q_proj": (HEADS * HEAD_DIM, HIDDEN),
    "k_proj": (HEAD_DIM, HIDDEN),
    "o_proj": (HIDDEN, HEADS * HEAD_DIM),
    "q_norm": (HEAD_DIM,),
    "k_norm": (HEAD_DIM,),
}
weights = {
    f"{LAYER}.self_attn.{name}.weight": random.standard_normal(shape, np.float32) * (0.05 if len(shape) == 2 else 0.3)
    for name, shape in SHAPES.items()
}
