"""What an operation reads and writes, and in which memory that lies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from xdsl.dialects import memref
from xdsl.dialects.builtin import MemRefType
from xdsl.dialects.func import FuncOp
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.ops import CopyOp, FillOp
from xdsl.ir import Block, Operation, SSAValue
from xdsl.ir.affine import AffineMap
from xdsl.traits import IsTerminator, is_side_effect_free
from xdsl.utils.exceptions import PassFailedException

from rlxc.dialects.kernel import KernelOperation
from rlxc.passes.lowering.memory_plan.lifetimes import VIEWS


@dataclass(frozen=True)
class Access:
    """A buffer that an operation reads or writes; `indexing` maps the loops of a structured operation to its axes."""

    buffer: SSAValue
    writes: bool
    reads: bool
    indexing: AffineMap | None = None

    @property
    def base(self) -> SSAValue:
        """The array that the buffer is a view of: an argument, a constant, or one of those in the arena."""
        base = self.buffer
        while isinstance(base.owner, VIEWS):
            base = base.owner.operands[0]
        return base

    @property
    def root(self) -> SSAValue:
        """The memory that the buffer lies in: an argument or a constant. Different ones do not overlap.

        Raises PassFailedException if it cannot be told.
        """
        base = self.base
        root = base.owner.source if isinstance(base.owner, memref.ViewOp) else base
        match root.owner:
            case memref.GetGlobalOp():
                return root
            case Block() as block if isinstance(block.parent_op(), FuncOp):
                return root
            case owner:
                what = f"'{owner.name}'" if isinstance(owner, Operation) else "a loop"
                raise PassFailedException(
                    f"rlx-share-work cannot tell which memory a memref from {what} is: it takes views of arguments"
                )


def accesses_of(op: Operation) -> Iterator[Access]:
    """The accesses of an operation, and of those inside it.

    Raises PassFailedException unless all threads of a team may run the operation, if they share structured
    operations and kernels.
    """
    match op:
        case LinalgStructuredOperation():
            yield from _accesses_of_structured(op)
        case KernelOperation():
            yield from (_read(value) for value in op.inputs if isinstance(value.type, MemRefType))
            yield from (Access(value, writes=True, reads=False) for value in op.outputs)
        case memref.LoadOp():
            yield _read(op.memref)
        case _ if op.regions:
            for inner in (inner for region in op.regions for block in region.blocks for inner in block.ops):
                yield from accesses_of(inner)
        case _ if not is_replicable(op):
            raise PassFailedException(
                f"'{op.name}' cannot be run by each thread of a team: rlx-share-work takes what rlx-inline-calls, "
                "rlx-outline-checks, rlx-bufferize and rlx-arena-to-arg have left"
            )
        case _:
            pass


def is_replicable(op: Operation) -> bool:
    """Whether an operation touches no memory, so that each thread can run it for itself."""
    return is_side_effect_free(op) or op.has_trait(IsTerminator) or op.name in ("cf.assert", "affine.min")


def is_shared(op: Operation) -> bool:
    """Whether the threads share the work of an operation, or of one inside it."""
    return any(isinstance(inner, LinalgStructuredOperation | KernelOperation) for inner in op.walk())


def _accesses_of_structured(op: LinalgStructuredOperation) -> Iterator[Access]:
    *inputs, output = op.get_indexing_maps().data
    for value, indexing in zip(op.inputs, inputs, strict=True):
        if isinstance(value.type, MemRefType):
            yield Access(value, writes=False, reads=True, indexing=indexing.data)
    keeps = not isinstance(op, FillOp | CopyOp) and op.body.block.args[-1].first_use is not None
    yield Access(op.outputs[0], writes=True, reads=keeps, indexing=output.data)


def _read(buffer: SSAValue) -> Access:
    return Access(buffer, writes=False, reads=True)
