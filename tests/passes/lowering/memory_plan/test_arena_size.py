"""The arena of whole layers takes little more than what is alive at once."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from compiled_functions import parse
from index_values import index_value
from rlxc import ModelFlow
from rlxc.cli import main
from rlxc.passes.lowering.bufferize import to_buffers
from rlxc.passes.lowering.functions import entry_function
from rlxc.passes.lowering.memory_plan import MemoryPlan, plan_memory
from rlxc.passes.lowering.outline_checks import RlxOutlineChecksPass
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

EXAMPLES = sorted((Path(__file__).parents[4] / "examples").glob("*.mlir"))

Shape = tuple[str | int, str | int]

LIMIT = 1.3
"""Arena bytes to the largest live set."""


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_examples(example: Path, tmp_path: Path):
    assert overhead(planned(example, tmp_path)) <= LIMIT


@pytest.mark.parametrize("shape", [("B", "S"), (2, 128)], ids=["dynamic", "static"])
@pytest.mark.parametrize(
    ("hidden", "heads", "head_dim", "kv_heads", "inner"),
    [(576, 9, 64, 3, 1536), (384, 12, 32, 12, 1536), (512, 64, 8, 64, 2048), (256, 4, 64, 1, 4096)],
    ids=["smollm2", "minilm", "many_small_heads", "wide_mlp"],
)
def test_layers(shape: Shape, hidden: int, heads: int, head_dim: int, kv_heads: int, inner: int, tmp_path: Path):
    layer = tmp_path / "layer.mlir"
    layer.write_text(layers(shape, hidden, heads, head_dim, kv_heads, inner))
    assert overhead(planned(layer, tmp_path)) <= LIMIT


def layers(shape: Shape, hidden: int, heads: int, head_dim: int, kv_heads: int, inner: int) -> str:
    """Two decoder layers as MLIR text."""
    flow = ModelFlow("layers").input("x", (*shape, hidden))
    flow = flow.stage(RopeTables(theta=10000.0, n_rot=head_dim, max_positions=8192))
    weights: dict[str, tuple[int, ...]] = {}
    for name in ("model.layers.0", "model.layers.1"):
        spec = SelfAttnPrefillSpec.hf_layer(name, num_heads=heads, head_dim=head_dim, num_kv_heads=kv_heads)
        flow = flow.stage(ResidualSave()).stage(RmsNorm(f"{name}.norm", eps=1e-5)).stage(SelfAttnPrefill(spec))
        flow = flow.stage(Linear(f"{name}.self_attn.o_proj.weight", transpose=True)).stage(ResidualAdd())
        flow = flow.stage(ResidualSave()).stage(RmsNorm(f"{name}.mlp_norm", eps=1e-5))
        flow = flow.stage(SwiGlu.hf_mlp(f"{name}.mlp")).stage(ResidualAdd())
        weights |= {f"{name}.norm": (hidden,), f"{name}.mlp_norm": (hidden,)}
        rows = {"q": heads * head_dim, "k": kv_heads * head_dim, "v": kv_heads * head_dim}
        weights |= {f"{name}.self_attn.{each}_proj.weight": (size, hidden) for each, size in rows.items()}
        weights |= {f"{name}.self_attn.o_proj.weight": (hidden, heads * head_dim)}
        weights |= {f"{name}.mlp.{each}_proj.weight": (inner, hidden) for each in ("gate", "up")}
        weights |= {f"{name}.mlp.down_proj.weight": (hidden, inner)}
    return str(flow.build({key: np.zeros(shape, np.float32) for key, shape in weights.items()}).module)


def planned(program: Path, directory: Path) -> MemoryPlan:
    """The memory plan of a program at the rlx level."""
    lowered = directory / "linalg.mlir"
    assert main(["compile", str(program), "--emit=linalg", "-o", str(lowered)]) == 0
    module: ModuleOp = parse(lowered.read_text())
    RlxOutlineChecksPass().apply(Context(), module)
    to_buffers(Context(), module)
    return plan_memory(entry_function(module))


def overhead(plan: MemoryPlan) -> float:
    """The largest arena for batches of sequences, in live bytes."""
    assert not plan.apart
    factors = [
        (name, value) for region in plan.regions for name, value in zip(region.names, region.factors, strict=True)
    ]
    found: list[float] = []
    for batch, length in product((1, 2, 8), (1, 2, 3, 7, 33, 64, 127, 512, 4096)):
        dims = {"B": batch, "S": length}
        sizes = {name: index_value(value, dims) for name, value in factors}
        found.append(plan.arena_bytes(sizes) / plan.live_bytes(sizes))
    print(f"arena: up to {max(found):.3f} times what is alive at once")
    return max(found)
