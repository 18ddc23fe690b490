"""Projections with packed weights: one tiled schedule for many rows and for few."""

from rlxc.passes.kernels.matmul.functions import matmul_functions
from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.matmul.workspace import matmul_workspace

__all__ = ["MatmulSpec", "matmul_functions", "matmul_workspace"]
