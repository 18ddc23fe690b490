"""Mixtures of experts: the rows that chose an expert go through its projections, those of all experts together."""

from rlxc.passes.kernels.experts.functions import moe_functions
from rlxc.passes.kernels.experts.spec import MoeSpec
from rlxc.passes.kernels.experts.workspace import moe_workspace

__all__ = ["MoeSpec", "moe_functions", "moe_workspace"]
