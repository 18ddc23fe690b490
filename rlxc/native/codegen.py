"""LLVM IR text to object code, with llvmlite (LLVM 22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rlxc.diagnostics import RlxcError
from rlxc.native.extras import llvmlite_binding
from rlxc.native.signature import C_INTERFACE
from rlxc.native.vector_code import split_kernels, tidy


@dataclass(frozen=True)
class Target:
    """What object code is made for, in LLVM's words."""

    triple: str
    cpu: str
    features: str = ""


def host_target() -> Target:
    """This machine: its CPU by name, with the features that it has at this moment."""
    llvm = llvmlite_binding()
    return Target(llvm.get_process_triple(), llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten())


def compile_object(
    llvm_ir: str, target: Target | None = None, optimization_level: int = 2, exported: Sequence[str] = ()
) -> bytes:
    """Position-independent object code of a module; only its C interface is exported, and the functions `exported`.

    Loops are left scalar by the lowering: LLVM vectorises them at every level but 0.
    """
    llvm = llvmlite_binding()
    machine = target_machine(llvm, target or host_target(), optimization_level)
    passes = pass_builder(llvm, machine, optimization_level)
    module = parse_for(llvm, machine, llvm_ir)
    require_exports(module, exported)
    hide_others(module, exported)
    tidy(llvm, module, passes)
    program, kernels = (parse_for(llvm, machine, text) for text in split_kernels(str(module)))
    hide_others(program, exported)
    passes.getModulePassManager().run(program, passes)
    program.link_in(kernels)
    hide_others(program, exported)
    return machine.emit_object(program)


def parse_for(llvm: Any, machine: Any, llvm_ir: str) -> Any:
    """The verified module of LLVM IR text, for the target of a code generator."""
    module = parse(llvm, llvm_ir)
    module.triple = machine.triple
    module.data_layout = str(machine.target_data)
    return module


def parse(llvm: Any, llvm_ir: str) -> Any:
    """The verified module of LLVM IR text."""
    try:
        module = llvm.parse_assembly(llvm_ir)
        module.verify()
    except RuntimeError as error:
        raise RlxcError(f"LLVM refused the module: {' '.join(str(error).split())}") from error
    return module


def target_machine(llvm: Any, target: Target, optimization_level: int) -> Any:
    """The code generator for `target`."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    try:
        chosen = llvm.Target.from_triple(target.triple)
    except RuntimeError as error:
        raise RlxcError(f"LLVM has no target '{target.triple}'") from error
    return chosen.create_target_machine(
        cpu=target.cpu, features=target.features, opt=optimization_level, reloc="pic", codemodel="default"
    )


def require_exports(module: Any, exported: Sequence[str]) -> None:
    """Raise unless the module defines a function that is exported."""
    if not any(is_exported(function, exported) for function in module.functions):
        raise RlxcError("the module exports nothing", hint="give its entry function 'llvm.emit_c_interface'")


def hide_others(module: Any, exported: Sequence[str]) -> None:
    """Make every function internal that is not exported, so that it is inlined into its only caller."""
    for function in module.functions:
        if not (function.is_declaration or is_exported(function, exported)):
            function.linkage = "internal"


def is_exported(function: Any, exported: Sequence[str]) -> bool:
    """Whether others can call a function of a module."""
    return not function.is_declaration and (function.name.startswith(C_INTERFACE) or function.name in exported)


def pass_builder(llvm: Any, machine: Any, optimization_level: int) -> Any:
    """What makes LLVM's own pipeline of that level.

    Unrolling triples the time of compilation for 5 to 10 % of speed, and straight-line code
    that could be vectorised does not occur.
    """
    options = llvm.PipelineTuningOptions(speed_level=optimization_level)
    options.loop_vectorization = options.loop_interleaving = optimization_level > 0
    options.loop_unrolling = options.slp_vectorization = False
    return llvm.create_pass_builder(machine, options)
