"""The NumPy reference of the dialect: the oracle that every pass and every target is tested against.

It is written from the formulas in the operations' docstrings, not from a backend.
"""

from rlxc.dialects.rlx.reference.evaluate import entry_name, evaluate
from rlxc.dialects.rlx.reference.functions import ParamResolver, RlxFunctions
from rlxc.dialects.rlx.reference.rope import rope_table_values

__all__ = ["ParamResolver", "RlxFunctions", "entry_name", "evaluate", "rope_table_values"]
