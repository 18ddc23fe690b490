"""The arguments of a projection."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import DYNAMIC_INDEX, MemRefType, f32
from xdsl.ir import Attribute, SSAValue

from rlxc.passes.kernels.barrier import TEAM_TYPES
from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.views import rectangle, run_of_elements


@dataclass(frozen=True)
class Arguments:
    """The values of one call."""

    x: SSAValue
    panels: SSAValue
    y: SSAValue
    workspace: SSAValue
    thread: SSAValue
    num_threads: SSAValue
    barrier: SSAValue
    bias: SSAValue | None = None
    residual: SSAValue | None = None


def argument_types(spec: MatmulSpec, target: KernelTarget) -> dict[str, Attribute]:
    """The type of each argument, in order."""
    width, features = target.panel_width, spec.out_features
    panels = -(-features // width) * spec.weights
    return {
        "x": rectangle(None, spec.in_features, None),
        "panels": MemRefType(f32, [panels, spec.in_features, width]),
        **({"bias": run_of_elements(features)} if spec.bias else {}),
        **({"residual": rectangle(None, features, None)} if spec.residual else {}),
        "y": rectangle(None, features, None),
        "workspace": MemRefType(f32, [DYNAMIC_INDEX]),
        **TEAM_TYPES,
    }
