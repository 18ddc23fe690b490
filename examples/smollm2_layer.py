"""Layer 0 of SmolLM2 135M; the weights come from a checkpoint: `--weights SmolLM2-135M-Instruct.Q4_1.gguf`."""

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

HIDDEN, HEADS, KV_HEADS, HEAD_DIM = 576, 9, 3, 64
LAYER = "model.layers.0"

spec = SelfAttnPrefillSpec.hf_layer(LAYER, num_heads=HEADS, head_dim=HEAD_DIM, num_kv_heads=KV_HEADS)

flow = (
    ModelFlow("smollm2_layer")
    .input("x", ("B", "S", HIDDEN))
    .stage(RopeTables(theta=100000.0, n_rot=HEAD_DIM, max_positions=8192))
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
