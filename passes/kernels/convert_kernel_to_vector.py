"""`convert-kernel-to-vector`: kernels become calls of functions in vector code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from xdsl.builder import ImplicitBuilder
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr, TensorType
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.dialects.kernel import KernelAttentionOp, KernelCallOp, KernelMatmulOp, KernelMoeOp, KernelOperation
from rlxc.passes.attribute_names import KERNELS
from rlxc.passes.kernels.attention import AttentionSpec, attention_functions
from rlxc.passes.kernels.barrier import barrier_functions
from rlxc.passes.kernels.experts import MoeSpec, moe_functions
from rlxc.passes.kernels.matmul import MatmulSpec, common_functions, projection_functions
from rlxc.passes.kernels.target import KernelTarget, target_named
from rlxc.passes.kernels.to_calls.attention import call_attention
from rlxc.passes.kernels.to_calls.experts import call_moe
from rlxc.passes.kernels.to_calls.function import call_function
from rlxc.passes.kernels.to_calls.matmul import call_matmul
from rlxc.passes.kernels.to_calls.team import Team
from rlxc.passes.lowering.call_order import callee_name, callees_first


@dataclass(frozen=True)
class ConvertKernelToVectorPass(ModulePass):
    """Replace each kernel by a call of a private function that computes it in vector code.

    ```mlir
    kernel.matmul %x, %w outs(%y, %workspace) : memref<?x?x64xf32>, memref<3x64x24xf32>, ...
    ```
    becomes
    ```mlir
    func.call @matmul_64x70_copy(%rows, %w, %y_rows, %workspace, %thread, %num_threads, %barrier) : ...
    ```
    Kernels that compute the same share their functions, and different ones share the innermost.

    The functions are for the target that `convert-rlx-to-kernel` made panels and workspaces for, `rlx.kernels`.

    Preconditions: `rlx-bufferize` and `rlx-share-work` have run.
    """

    name = "convert-kernel-to-vector"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        order = callees_first(op)
        kernels = {one: [inner for inner in one.walk() if isinstance(inner, KernelOperation)] for one in order}
        teams = {function: Team.of(function) for function in order if kernels[function]}
        if not teams:
            return
        functions = KernelFunctions(target_of(order[-1]), {one.sym_name.data: one for one in order})
        for function, team in teams.items():
            for kernel in kernels[function]:
                replace_by_call(kernel, functions, team)
        functions.add(barrier_functions())
        there = {inner.sym_name.data for inner in op.body.block.ops if isinstance(inner, FuncOp)}
        op.body.block.add_ops(function for name, function in functions.by_name.items() if name not in there)


Spec: TypeAlias = MatmulSpec | MoeSpec | AttentionSpec


class KernelFunctions:
    """The functions that kernels need. Equal kernels, such as those of equal layers, have them made once."""

    def __init__(self, target: KernelTarget, called: Mapping[str, FuncOp]):
        self.by_name: dict[str, FuncOp] = {}
        self.called = called
        self._target = target
        self._entries: dict[Spec, FuncOp] = {}

    def entry(self, spec: Spec) -> FuncOp:
        """The function that computes what `spec` says."""
        if spec not in self._entries:
            self._entries[spec] = self._make(spec)
        return self._entries[spec]

    def add(self, functions: Iterable[FuncOp]) -> None:
        """Keep those that are not there yet."""
        self.by_name = {function.sym_name.data: function for function in functions} | self.by_name

    def _make(self, spec: Spec) -> FuncOp:
        if not isinstance(spec, AttentionSpec) and all(isinstance(other, AttentionSpec) for other in self._entries):
            self.add(common_functions(self._target))
        match spec:
            case AttentionSpec():
                functions = attention_functions(spec, self._target)
            case MoeSpec():
                functions = moe_functions(spec, self._target)
            case MatmulSpec():
                functions = projection_functions(spec, self._target)
        self.add(functions)
        return functions[0]


def target_of(function: FuncOp) -> KernelTarget:
    """The target that the kernels of a function are for."""
    match function.attributes.get(KERNELS):
        case StringAttr(data=name):
            return target_named(name)
        case _:
            raise PassFailedException(f"@{function.sym_name.data} has no '{KERNELS}': convert-rlx-to-kernel sets it")


def replace_by_call(op: KernelOperation, functions: KernelFunctions, team: Team) -> None:
    """Put the call, with the location of the operation, in its place."""
    if any(isa(kind, TensorType) for kind in op.operand_types):
        raise PassFailedException(f"'{op.name}' is on tensors: run rlx-bufferize before this pass")
    call, made = call_of(op, functions, team), Block()
    with ImplicitBuilder(made):
        call()
    for new in made.walk():
        new.location = op.location
    Rewriter.inline_block(made, InsertPoint.before(op))
    Rewriter.erase_op(op)


def call_of(op: KernelOperation, functions: KernelFunctions, team: Team) -> Callable[[], None]:
    """What creates the call, and all that leads to it."""
    match op:
        case KernelMatmulOp():
            return partial(call_matmul, op, functions.entry(MatmulSpec.of(op)), team)
        case KernelAttentionOp():
            return partial(call_attention, op, functions.entry(AttentionSpec.of(op)), team)
        case KernelMoeOp():
            return partial(call_moe, op, functions.entry(MoeSpec.of(op)), team)
        case KernelCallOp():
            return partial(call_function, op, functions.called[callee_name(op)], team)
        case _:
            raise PassFailedException(f"there is no kernel for '{op.name}'")
