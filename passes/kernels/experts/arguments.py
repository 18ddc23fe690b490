"""The arguments of a mixture of experts."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType, f32
from xdsl.ir import Attribute, SSAValue

from rlxc.passes.kernels.barrier import TEAM_TYPES
from rlxc.passes.kernels.experts.spec import MoeSpec
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.views import rectangle


@dataclass(frozen=True)
class Arguments:
    """The values of one call."""

    x: SSAValue
    gates: SSAValue
    gate_up: SSAValue
    down: SSAValue
    y: SSAValue
    workspace: SSAValue
    thread: SSAValue
    num_threads: SSAValue
    barrier: SSAValue


def argument_types(spec: MoeSpec, target: KernelTarget) -> dict[str, Attribute]:
    """The type of each argument, in order."""
    width = target.panel_width
    rows = rectangle(None, spec.features, None)
    up_panels = spec.experts * spec.up.weights * -(-spec.width // width)
    return {
        "x": rows,
        "gates": rectangle(None, spec.experts, None),
        "gate_up": MemRefType(f32, [up_panels, spec.features, width]),
        "down": MemRefType(f32, [spec.experts * -(-spec.features // width), spec.width, width]),
        "y": rows,
        "workspace": MemRefType(f32, [DYNAMIC_INDEX]),
        **TEAM_TYPES,
    }
