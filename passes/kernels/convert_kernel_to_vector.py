"""`convert-kernel-to-vector`: kernels become calls of functions in vector code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.builder import ImplicitBuilder
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.dialects.kernel import KernelAttentionOp, KernelMatmulOp, KernelOperation
from rlxc.passes.kernels.attention import attention_functions
from rlxc.passes.kernels.barrier import barrier_functions
from rlxc.passes.kernels.matmul import matmul_functions
from rlxc.passes.kernels.target import KernelTarget, target_named
from rlxc.passes.kernels.to_calls.attention import attention_spec, call_attention
from rlxc.passes.kernels.to_calls.matmul import call_matmul, matmul_spec
from rlxc.passes.kernels.to_calls.team import Team
from rlxc.passes.lowering.functions import entry_function


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

    Preconditions: `rlx-bufferize` and `rlx-share-work` have run; `target` is that of `convert-rlx-to-kernel`.
    """

    name = "convert-kernel-to-vector"

    target: str = "scalar"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        target = target_named(self.target)
        kernels = [inner for inner in op.walk() if isinstance(inner, KernelOperation)]
        if not kernels:
            return
        team, made = Team.of(entry_function(op)), dict[str, FuncOp]()
        for kernel in kernels:
            functions = functions_for(kernel, target)
            replace_by_call(kernel, functions[0], team)
            made = {function.sym_name.data: function for function in functions} | made
        made = {function.sym_name.data: function for function in barrier_functions()} | made
        there = {inner.sym_name.data for inner in op.body.block.ops if isinstance(inner, FuncOp)}
        op.body.block.add_ops(function for name, function in made.items() if name not in there)


def functions_for(op: KernelOperation, target: KernelTarget) -> Sequence[FuncOp]:
    """The functions that compute the kernel; the first is the one to call."""
    if any(isa(kind, TensorType) for kind in op.operand_types):
        raise PassFailedException(f"'{op.name}' is on tensors: run rlx-bufferize before this pass")
    match op:
        case KernelMatmulOp():
            return matmul_functions(matmul_spec(op), target)
        case KernelAttentionOp():
            return attention_functions(attention_spec(op), target)
        case _:
            raise PassFailedException(f"there is no kernel for '{op.name}'")


def replace_by_call(op: KernelOperation, function: FuncOp, team: Team) -> None:
    """Put the call, with the location of the operation, in its place."""
    made = Block()
    with ImplicitBuilder(made):
        match op:
            case KernelMatmulOp():
                call_matmul(op, function, team)
            case KernelAttentionOp():
                call_attention(op, function, team)
            case _:
                pass
    for new in made.walk():
        new.location = op.location
    Rewriter.inline_block(made, InsertPoint.before(op))
    Rewriter.erase_op(op)
