"""Attention by blocks of keys, without ever holding all scores (Dao et al. 2022)."""

from rlxc.passes.kernels.attention.arguments import argument_types
from rlxc.passes.kernels.attention.functions import attention_functions, attention_workspace
from rlxc.passes.kernels.attention.spec import AttentionSpec

__all__ = ["AttentionSpec", "argument_types", "attention_functions", "attention_workspace"]
