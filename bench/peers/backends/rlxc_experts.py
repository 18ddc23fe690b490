"""Mixtures of experts as rlxc programs, each expert with weights of its own."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import ModuleOp

from bench.peers.inputs import Array, Arrays
from bench.peers.workload import Workload
from rlxc.diagnostics import parse_module
from rlxc.inspect.registry import make_context

EXPERTS = """
!x = tensor<?x?x{hidden}xf32>
!logits = tensor<?x?x{experts}xf32>
!router = tensor<{hidden}x{experts}xf32>
!up = tensor<{hidden}x{up_columns}xf32>
!down = tensor<{width}x{down_columns}xf32>
func.func @experts(%x: !x {{rlx.dims = ["B", "S"]}}) -> !x {{
  %router = rlx.param "router" : !router
  %gate_up = rlx.param {gate_up_keys} : !up
  %down = rlx.param {down_keys} : !down
  %logits = rlx.matmul %x, %router : !x, !router
  %gates = rlx.route %logits renormalize {{top_k = {chosen}}} : !logits
  %y = rlx.moe %x, %gates, %gate_up, %down activation(silu) : !x, !logits, !up, !down
  func.return %y : !x
}}
"""


def experts_module(workload: Workload) -> ModuleOp:
    """The program."""
    numbers = range(workload.experts)
    text = EXPERTS.format(
        hidden=workload.hidden,
        experts=workload.experts,
        width=workload.intermediate,
        chosen=workload.chosen,
        up_columns=2 * workload.experts * workload.intermediate,
        down_columns=workload.experts * workload.hidden,
        gate_up_keys=quoted([f"{name}.{expert}" for expert in numbers for name in ("wg", "wu")]),
        down_keys=quoted([f"wd.{expert}" for expert in numbers]),
    )
    return parse_module(make_context(), text, "experts")


def expert_weights(workload: Workload, arrays: Arrays) -> dict[str, Array]:
    """The router, and the weights of each expert: views of those given."""
    weights = {"router": arrays["router"]}
    for name, columns in (("wg", workload.intermediate), ("wu", workload.intermediate), ("wd", workload.hidden)):
        for expert in range(workload.experts):
            weights[f"{name}.{expert}"] = arrays[name][:, expert * columns : (expert + 1) * columns]
    return weights


def quoted(keys: Sequence[str]) -> str:
    """The keys of a parameter."""
    return ", ".join(f'"{key}"' for key in keys)
