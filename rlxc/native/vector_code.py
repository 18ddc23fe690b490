"""Kernels on their way through LLVM.

They are vector code already, so that LLVM's pipeline finds nothing in them to make faster, and takes most of the
time of a compilation to see that. Only the rest of a program goes through it, after all has been tidied up.
"""

from __future__ import annotations

import re
from typing import Any

KERNEL_PREFIX = "rlxc_"
"""How the names of kernels begin."""

_DEFINITION = re.compile(
    r"^define (?:internal |private )?(?P<head>.*?@(?P<name>[\w.$]+)\(.*?)(?P<body> \{\n.*?^\}\n)",
    re.MULTILINE | re.DOTALL,
)


def split_kernels(llvm_ir: str) -> tuple[str, str]:
    """The same LLVM IR without the kernels, and the kernels alone; what is left out is declared.

    All functions can be linked.
    """

    def part(*, kernels: bool) -> str:
        def written(found: re.Match[str]) -> str:
            if is_kernel(found["name"]) == kernels:
                return f"define {found['head']}{found['body']}"
            return f"declare {found['head']}\n"

        return _DEFINITION.sub(written, llvm_ir)

    return part(kernels=False), part(kernels=True)


def is_kernel(name: str) -> bool:
    """Whether a function is a kernel, or one that kernels call."""
    return name.startswith(KERNEL_PREFIX)


def tidy(llvm: Any, module: Any, passes: Any) -> None:
    """Bring memory descriptors apart, fold address arithmetic, and drop what functions take and do not use.

    Of the descriptor of a packed weight, which a model passes through its layers to a kernel, only the address is left.
    """
    manager = llvm.create_new_function_pass_manager()
    manager.add_sroa_pass()
    manager.add_simplify_cfg_pass()
    manager.add_instruction_combine_pass()
    for function in module.functions:
        if not function.is_declaration:
            manager.run(function, passes)
    of_module = llvm.create_new_module_pass_manager()
    of_module.add_dead_arg_elimination_pass()
    of_module.run(module, passes)
