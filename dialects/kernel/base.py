"""What all kernel operations share: destinations, on tensors or on memrefs."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence

from xdsl.dialects.builtin import ArrayOfConstraint, MemRefType, TensorType, f32
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import AnyAttr, AttrConstraint, ParamAttrConstraint, eq
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.hints import isa

from rlxc.dialects.rlx.base import RlxOperation
from rlxc.dialects.rlx.constraints import Dims, tensor_of


class KernelOperation(RlxOperation, ABC):
    """An operation whose last operands are what it computes and a workspace.

    The workspace is memory with any contents, before and after. They are results where they are
    tensors.
    """

    @property
    def inputs(self) -> Sequence[SSAValue]:
        """What is read."""
        return self.operands[:-2]

    @property
    def outputs(self) -> Sequence[SSAValue]:
        """What is written: the value computed, and the workspace."""
        return self.operands[-2:]

    def verify_semantics(self) -> None:
        tensors = [
            isa(kind, TensorType) for kind in self.operand_types if isa(kind, TensorType) or isa(kind, MemRefType)
        ]
        if any(tensors) and not all(tensors):
            raise VerifyException("takes either tensors or memrefs, not both")
        if list(self.result_types) != results_of(*self.outputs):
            raise VerifyException("its results are its destinations where these are tensors, else there are none")


def results_of(*outputs: SSAValue) -> list[Attribute]:
    """The types of the results of an operation with these outputs."""
    return [value.type for value in outputs if isa(value.type, TensorType)]


def array_of(*dims: str | int, element: Attribute = f32) -> AttrConstraint:
    """A tensor, or a memref of any layout, of the given element type and (named) dimensions."""
    memref = ParamAttrConstraint.get(MemRefType, ArrayOfConstraint(Dims.of(*dims)), eq(element), AnyAttr(), AnyAttr())
    return tensor_of(eq(element), *dims) | memref
