"""Kernels on their way through LLVM.

They are vector code already, so that LLVM's pipeline finds nothing in them to make faster, and takes most of the
time of a compilation to see that. Only the rest of a program goes through it; kernels are tidied up.
"""

from __future__ import annotations

import re
from typing import Any

KERNEL_PREFIX = "rlxc_"
"""How the names of kernels begin."""

_DEFINITION = re.compile(
    r"^define (?:internal |private )?(?P<head>.*?@(?P<name>[\w.$]+)\(.*?) \{\n.*?^\}\n", re.MULTILINE | re.DOTALL
)


def split_kernels(llvm_ir: str) -> tuple[str, str]:
    """The same LLVM IR without the kernels, and the kernels alone; what is left out is declared."""

    def without(left_out: bool) -> str:
        return _DEFINITION.sub(
            lambda found: f"declare {found['head']}\n" if is_kernel(found["name"]) == left_out else found[0], llvm_ir
        )

    return without(True), without(False)


def is_kernel(name: str) -> bool:
    """Whether a function is a kernel, or one that kernels call."""
    return name.startswith(KERNEL_PREFIX)


def tidy(llvm: Any, module: Any, passes: Any) -> None:
    """Bring memory descriptors apart and fold address arithmetic in all functions."""
    manager = llvm.create_new_function_pass_manager()
    manager.add_sroa_pass()
    manager.add_simplify_cfg_pass()
    manager.add_instruction_combine_pass()
    for function in module.functions:
        if not function.is_declaration:
            manager.run(function, passes)
