"""Projections with packed weights: one tiled schedule for many rows and for few."""

from rlxc.passes.kernels.matmul.functions import common_functions, matmul_functions, projection_functions
from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.matmul.workspace import matmul_workspace

__all__ = ["MatmulSpec", "common_functions", "matmul_functions", "matmul_workspace", "projection_functions"]
