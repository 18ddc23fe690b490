"""Shape constraints: named dimensions shared by the operands of one operation.

`tensor_of(ELEMENT, "batch", "seq", "features")` is a ranked tensor whose dimensions are
bound to names. A name stands for one integer (or `?`) across the whole operation, so a
result whose names all occur in operand types is inferred instead of written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from typing_extensions import TypeVar
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    ArrayOfConstraint,
    Float32Type,
    Float64Type,
    IntAttr,
    IntAttrConstraint,
    NoneAttr,
    TensorType,
)
from xdsl.ir import Attribute
from xdsl.irdl import (
    AnyInt,
    AttrConstraint,
    BaseAttr,
    EqIntConstraint,
    IntConstraint,
    IntVarConstraint,
    IRDLAttrConstraint,
    MessageConstraint,
    ParamAttrConstraint,
    RangeConstraint,
)
from xdsl.irdl.constraints import InferenceContext, VerificationContext
from xdsl.utils.exceptions import VerifyException

FLOAT = MessageConstraint(
    BaseAttr(Float32Type) | BaseAttr(Float64Type),
    "the element type must be f32 or f64",
)
"""The element types of activations and weights."""


def dim_text(size: int) -> str:
    """A dimension as it is written in a type: `?` if dynamic."""
    return "?" if size == DYNAMIC_INDEX else str(size)


@dataclass(frozen=True)
class NamedDim(IntVarConstraint):
    """A dimension bound to a name; a second binding must agree with the first."""

    def verify(self, i: int, constraint_context: VerificationContext) -> None:
        try:
            super().verify(i, constraint_context)
        except VerifyException as error:
            bound = constraint_context.get_int_variable(self.name)
            if bound is None:
                raise
            raise VerifyException(
                f"dimension '{self.name}' is {dim_text(i)} here, but {dim_text(bound)} in an earlier operand"
            ) from error

    def mapping_type_vars(self, type_var_mapping: Mapping[TypeVar, AttrConstraint | IntConstraint]) -> IntConstraint:
        return self


@dataclass(frozen=True)
class Dims(RangeConstraint[IntAttr]):
    """A shape of fixed rank, each dimension named or constant."""

    dims: tuple[IntConstraint, ...]

    @staticmethod
    def of(*dims: str | int) -> Dims:
        """Names and sizes, outermost first."""
        return Dims(tuple(EqIntConstraint(d) if isinstance(d, int) else NamedDim(d, AnyInt()) for d in dims))

    def verify(self, attrs: Sequence[Attribute], constraint_context: VerificationContext) -> None:
        self.verify_length(len(attrs), constraint_context)
        for dim, attr in zip(self.dims, attrs, strict=True):
            IntAttrConstraint(dim).verify(attr, constraint_context)

    def verify_length(self, length: int, constraint_context: VerificationContext) -> None:
        if length != len(self.dims):
            names = ", ".join(_dim_name(dim) for dim in self.dims)
            raise VerifyException(f"expected a tensor of rank {len(self.dims)}, [{names}], got rank {length}")

    def variables(self) -> set[str]:
        return set[str]().union(*(d.variables() for d in self.dims))

    def can_infer(self, var_constraint_names: AbstractSet[str], *, length_known: bool) -> bool:
        return all(d.can_infer(var_constraint_names) for d in self.dims)

    def infer(self, context: InferenceContext, *, length: int | None) -> Sequence[IntAttr]:
        return tuple(IntAttr(d.infer(context)) for d in self.dims)

    def mapping_type_vars(self, type_var_mapping: Mapping[TypeVar, AttrConstraint | IntConstraint]) -> Dims:
        return self


def _dim_name(dim: IntConstraint) -> str:
    match dim:
        case IntVarConstraint(name, _):
            return name
        case EqIntConstraint(value):
            return str(value)
        case _:
            return "?"


def tensor_of(element_type: IRDLAttrConstraint, *dims: str | int) -> AttrConstraint[TensorType]:
    """A ranked tensor without encoding, of the given element type and (named) dimensions."""
    return ParamAttrConstraint.get(TensorType, ArrayOfConstraint(Dims.of(*dims)), element_type, NoneAttr())
