"""The workloads as rlxc programs: stages where there are stages for it, a decode step as text."""

from __future__ import annotations

from collections.abc import Mapping

from xdsl.dialects.builtin import ModuleOp

from bench.peers.inputs import EPS, Array, Arrays
from bench.peers.workload import Workload
from rlxc import ModelFlow
from rlxc.diagnostics import parse_module
from rlxc.flow import BuiltModel
from rlxc.inspect.registry import make_context
from rlxc.stages import (
    Linear,
    ResidualAdd,
    ResidualSave,
    RmsNorm,
    RopeTables,
    SelfAttnPrefill,
    SelfAttnPrefillSpec,
    Stage,
    SwiGlu,
)

MAX_POSITIONS = 8192


def flow_of(workload: Workload, arrays: Arrays, batch: int | str = "B", tokens: int | str = "S") -> BuiltModel:
    """A matmul, an attention or a layer, for any batch and any number of tokens unless they are given."""
    flow = ModelFlow("workload").input("x", (batch, tokens, workload.hidden))
    if workload.kind == "matmul":
        return flow.stage(Linear("w", transpose=False)).build(arrays)
    flow = flow.stage(rope_tables(workload))
    stages = layer_stages(workload) if workload.has_mlp else [SelfAttnPrefill(attention_spec(workload))]
    return flow.stages(stages).build(as_stored(arrays))


def rope_tables(workload: Workload) -> RopeTables:
    """The tables that the attentions of a workload share."""
    return RopeTables(theta=workload.theta, n_rot=workload.n_rot, max_positions=MAX_POSITIONS)


def layer_stages(workload: Workload, prefix: str = "") -> list[Stage]:
    """A whole layer. The names of its weights begin with `prefix`."""
    return [
        ResidualSave(),
        RmsNorm(f"{prefix}n1", eps=EPS),
        SelfAttnPrefill(attention_spec(workload, prefix)),
        Linear(f"{prefix}wo"),
        ResidualAdd(),
        ResidualSave(),
        RmsNorm(f"{prefix}n2", eps=EPS),
        SwiGlu(gate_key=f"{prefix}wg", up_key=f"{prefix}wu", down_key=f"{prefix}wd"),
        ResidualAdd(),
    ]


def attention_spec(workload: Workload, prefix: str = "") -> SelfAttnPrefillSpec:
    """The attention of a workload. The names of its weights begin with `prefix`."""
    return SelfAttnPrefillSpec(
        q_key=f"{prefix}wq",
        k_key=f"{prefix}wk",
        v_key=None if workload.k_eq_v else f"{prefix}wv",
        num_heads=workload.heads,
        head_dim=workload.head_dim,
        num_kv_heads=workload.kv_heads,
        n_rot=workload.n_rot,
        k_eq_v=workload.k_eq_v,
        attn_logit_softcap=workload.softcap or None,
    )


def as_stored(arrays: Arrays) -> Mapping[str, Array]:
    """The weights `[out, in]`, as the stages expect them: views of those given."""
    return {name: array.T for name, array in arrays.items()}


def decode_module(workload: Workload, *, fixed: bool = False) -> ModuleOp:
    """One step of a layer: the caches are the caller's, and get the token's row at `position`.

    They have any number of rows, or that of the workload if it is `fixed`.
    """
    return parse_module(make_context(), decode_text(workload, fixed), "decode")


DECODE = """
!x = tensor<1x1x{hidden}xf32>
!q = tensor<1x1x{q}xf32>
!kv = tensor<1x1x{kv}xf32>
!up = tensor<1x1x{intermediate}xf32>
!cache = tensor<1x{cache}x{kv}xf32>
!gain = tensor<{hidden}xf32>
!table = tensor<{positions}x{pairs}xf32>
!wq = tensor<{hidden}x{q}xf32>
!wkv = tensor<{hidden}x{kv}xf32>
!wo = tensor<{q}x{hidden}xf32>
!wup = tensor<{hidden}x{intermediate}xf32>
!wd = tensor<{intermediate}x{hidden}xf32>
func.func @decode(%x: !x, %k_cache: !cache {{rlx.donated{dims}}},
                  %v_cache: !cache {{rlx.donated{dims}}}, %position: index) -> !x {{
  %cos = rlx.rope_table cos {{theta = {theta:e} : f64}} : !table
  %sin = rlx.rope_table sin {{theta = {theta:e} : f64}} : !table
  %n1 = rlx.param "n1" : !gain
  %normed = rlx.rms_norm %x gamma(%n1) {{eps = {eps:e} : f64}} : !x
  %wq = rlx.param "wq" : !wq
  %wk = rlx.param "wk" : !wkv
  %wv = rlx.param "wv" : !wkv
  %q = rlx.matmul %normed, %wq : !x, !wq
  %k = rlx.matmul %normed, %wk : !x, !wkv
  %v = rlx.matmul %normed, %wv : !x, !wkv
  %q_rot = rlx.rope %q, %cos, %sin position(%position) {{head_dim = {head_dim}, n_rot = {n_rot}}} : !q
  %k_rot = rlx.rope %k, %cos, %sin position(%position) {{head_dim = {head_dim}, n_rot = {n_rot}}} : !kv
  %keys = rlx.kv_append %k_cache, %k_rot position(%position) : !cache, !kv
  %values = rlx.kv_append %v_cache, %v position(%position) : !cache, !kv
  %one = arith.constant 1 : index
  %length = arith.addi %position, %one : index
  %attention = rlx.attention %q_rot, %keys, %values kv_length(%length)
    {{num_heads = {heads}, num_kv_heads = {kv_heads}, head_dim = {head_dim}}} : !q, !cache
  %wo = rlx.param "wo" : !wo
  %projected = rlx.matmul %attention, %wo : !q, !wo
  %residual = arith.addf %x, %projected : !x
  %n2 = rlx.param "n2" : !gain
  %normed_1 = rlx.rms_norm %residual gamma(%n2) {{eps = {eps:e} : f64}} : !x
  %wg = rlx.param "wg" : !wup
  %wu = rlx.param "wu" : !wup
  %gate = rlx.matmul %normed_1, %wg : !x, !wup
  %up = rlx.matmul %normed_1, %wu : !x, !wup
  %gated = rlx.glu %gate, %up activation(silu) : !up
  %wd = rlx.param "wd" : !wd
  %down = rlx.matmul %gated, %wd : !up, !wd
  %y = arith.addf %residual, %down : !x
  func.return %y : !x
}}
"""


def decode_text(workload: Workload, fixed: bool) -> str:
    """`DECODE` for the sizes of a workload."""
    return DECODE.format(
        cache=workload.cache if fixed else "?",
        dims="" if fixed else ', rlx.dims = ["T"]',
        hidden=workload.hidden,
        q=workload.heads * workload.head_dim,
        kv=workload.kv_heads * workload.head_dim,
        intermediate=workload.intermediate,
        positions=MAX_POSITIONS,
        pairs=workload.n_rot // 2,
        theta=workload.theta,
        eps=EPS,
        head_dim=workload.head_dim,
        n_rot=workload.n_rot,
        heads=workload.heads,
        kv_heads=workload.kv_heads,
    )
