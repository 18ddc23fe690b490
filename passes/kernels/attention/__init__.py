"""Attention by blocks of keys, without ever holding all scores (Dao et al. 2022)."""

from rlxc.passes.kernels.attention.arguments import argument_types
from rlxc.passes.kernels.attention.functions import attention_functions
from rlxc.passes.kernels.attention.spec import AttentionSpec
from rlxc.passes.kernels.attention.workspace import attention_workspace

__all__ = ["AttentionSpec", "argument_types", "attention_functions", "attention_workspace"]
