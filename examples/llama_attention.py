"""The attention of a Llama layer (the sizes of Llama 3.2 1B): grouped queries, rope, causal mask."""

import numpy as np

from rlxc import ModelFlow
from rlxc.stages import Linear, RopeTables, SelfAttnPrefill, SelfAttnPrefillSpec

spec = SelfAttnPrefillSpec.hf_layer("model.layers.0", num_heads=32, head_dim=64, num_kv_heads=8)

flow = (
    ModelFlow("attn")
    .input("x", ("B", "S", 2048))
    .stage(RopeTables(theta=500000.0, n_rot=64, max_positions=4096))
    .stage(SelfAttnPrefill(spec))
    .stage(Linear("model.layers.0.self_attn.o_proj.weight", transpose=True))
)

# Random weights stand in for a checkpoint; `--weights model.safetensors` takes the place of these.
random = np.random.default_rng(0)
weights = {
    f"model.layers.0.self_attn.{name}_proj.weight": random.standard_normal((rows, 2048), np.float32) * 0.02
    for name, rows in {"q": 2048, "k": 512, "v": 512, "o": 2048}.items()
}
