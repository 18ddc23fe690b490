"""Puts tensors where they are wanted from the start: in a result of the function, in the slice they are copied to."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects import tensor
from xdsl.ir import Operation, SSAValue

from rlxc.passes.lowering.bufferization.sharing import overwritten, view_source


@dataclass(frozen=True)
class Allocation:
    """A `tensor.empty`, and the reshapes between it and a tensor that fills its memory, last ones first."""

    empty: tensor.EmptyOp
    reshapes: tuple[Operation, ...]

    @staticmethod
    def of(value: SSAValue) -> Allocation | None:
        """The allocation that `value` fills; None if it is a slice, or the memory is not ours to place."""
        reshapes: list[Operation] = []
        while not isinstance(owner := value.owner, tensor.EmptyOp):
            if isinstance(owner, tensor.ExtractSliceOp):
                return None
            if (source := view_source(value)) is not None:
                assert isinstance(owner, Operation)
                reshapes.append(owner)
            elif (source := overwritten(value)) is None:
                return None
            value = source
        return Allocation(owner, tuple(reshapes))
