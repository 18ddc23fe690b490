"""Brings functions on tensors into the form that bufferization works on.

- Sizes are those of arguments wherever possible, equal ones are one value, and scalars that need no
  tensor contents are computed first: a buffer can be made as early as it has to be.
- Each `tensor.empty` has one user, and so has each filled tensor that is overwritten: no memory is shared by accident.
- Of the structured operations only generic and fill are left; `tensor.concat` is slices written one by one.
"""

from __future__ import annotations

from collections.abc import Iterable

from xdsl.context import Context
from xdsl.dialects import tensor
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.dialects.func import FuncOp
from xdsl.dialects.linalg.ops import FillOp
from xdsl.dialects.scf import ForOp
from xdsl.ir import Block, Operation, SSAValue, Use
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.traits import is_side_effect_free
from xdsl.transforms.common_subexpression_elimination import CommonSubexpressionElimination
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.passes.lowering.bufferization.sharing import destinations
from rlxc.passes.lowering.bufferization.upstream import UPSTREAM_PATTERNS
from rlxc.passes.lowering.canonical_dims import canonicalize_dims
from rlxc.passes.lowering.functions import functions_of
from rlxc.passes.rewriting import apply_patterns


def normalize(ctx: Context, module: ModuleOp) -> None:
    """Bring all functions of the module into the form that this file describes."""
    for function in functions_of(module):
        if len(function.body.blocks) > 1:
            raise PassFailedException(
                f"@{function.sym_name.data} branches, and only straight code and loops are bufferized"
            )
    apply_patterns(module, UPSTREAM_PATTERNS)
    for function in functions_of(module):
        canonicalize_dims(function)
        for block in list(function.walk_blocks()):
            if isinstance(block.parent_op(), FuncOp | ForOp):
                compute_scalars_first(block)
    CommonSubexpressionElimination().apply(ctx, module)
    for function in functions_of(module):
        give_memory_to_each_user(function)


def compute_scalars_first(block: Block) -> None:
    """Move the operations on scalars, and on sizes of arguments, to the start of the block."""
    moved: dict[Operation, None] = {}
    for op in block.ops:
        if _is_scalar(op) and all(value.owner in moved or _enters(value, block) for value in op.operands):
            moved[op] = None
    for op in moved:
        op.detach()
    Rewriter.insert_op(list(moved), InsertPoint.at_start(block))


def give_memory_to_each_user(function: FuncOp) -> None:
    """Let each use of a `tensor.empty`, and each use that overwrites a filled tensor, have its own, right before it."""
    for kind in (FillOp, tensor.EmptyOp):
        for op in [op for op in function.walk() if isinstance(op, kind)]:
            for use in _uses_of_memory(op):
                own = op.clone()
                own.location = op.location
                Rewriter.insert_op(own, InsertPoint.before(use.operation))
                use.operation.operands[use.index] = own.results[0]
            if op.results[0].first_use is None:
                Rewriter.erase_op(op)


def _uses_of_memory(op: Operation) -> Iterable[Use]:
    uses = list(op.results[0].uses) if op.results else []
    return uses if isinstance(op, tensor.EmptyOp) else [use for use in uses if use.index in destinations(use.operation)]


def _is_scalar(op: Operation) -> bool:
    return (
        bool(op.results)
        and not op.regions
        and is_side_effect_free(op)
        and not any(isa(kind, TensorType) for kind in op.result_types)
        and not isinstance(op, tensor.ExtractOp)
    )


def _enters(value: SSAValue, block: Block) -> bool:
    """Whether a value is there when the block starts."""
    owner = value.owner
    return owner is block or owner.parent_block() is not block
