"""Making new operations out of old ones without losing anything on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from typing_extensions import TypeVar
from xdsl.dialects.builtin import ArrayAttr, FusedLoc, LocationAttr, NoneAttr
from xdsl.ir import Attribute, Operation, SSAValue
from xdsl.irdl import IRDLOperation
from xdsl.pattern_rewriter import PatternRewriter

IRDLOperationT = TypeVar("IRDLOperationT", bound=IRDLOperation)
OperationT = TypeVar("OperationT", bound=Operation)
T = TypeVar("T")


def rebuilt(
    op: IRDLOperationT,
    operands: Mapping[str, SSAValue | None] | None = None,
    properties: Mapping[str, Attribute | None] | None = None,
    result_types: Sequence[Attribute] | None = None,
) -> IRDLOperationT:
    """A copy of `op` in which the named operands and properties are replaced; None leaves one out.

    The names come from the definition of the operation, so that one that is added to it later is
    carried over here as well. Result types stay, if none are given. An unknown name raises KeyError.
    """
    definition = op.get_irdl_definition()
    old_operands = {name: getattr(op, name) for name, _ in definition.operands}
    old_properties = {name: op.properties.get(name) for name in definition.properties}
    new = type(op).build(
        operands=tuple(_updated(old_operands, operands or {}).values()),
        result_types=op.result_types if result_types is None else result_types,
        properties=_updated(old_properties, properties or {}),
        attributes=op.attributes,
    )
    new.location = op.location
    return new


def _updated(old: Mapping[str, T], changes: Mapping[str, T]) -> dict[str, T]:
    """`old` with changes to names that it has, in its order."""
    if unknown := changes.keys() - old.keys():
        raise KeyError(f"no operand or property {', '.join(sorted(unknown))}")
    return {**old, **changes}


def named(op: OperationT, hint: str | None) -> OperationT:
    """The operation, with a name for its first result."""
    op.results[0].name_hint = hint
    return op


def replace_located(
    rewriter: PatternRewriter, op: Operation, new_ops: Sequence[Operation], results: Sequence[SSAValue] | None = None
) -> None:
    """Replace `op`; all of `new_ops` stand where it stood in the source."""
    for new in new_ops:
        new.location = op.location
    rewriter.replace(op, new_ops, results)


def fused_location(ops: Sequence[Operation]) -> LocationAttr:
    """The location of an operation made of several: all of theirs, each once."""
    locations = tuple(dict.fromkeys(op.location for op in ops))
    return locations[0] if len(locations) == 1 else FusedLoc(ArrayAttr(locations), NoneAttr())


def used_only_by(value: SSAValue, user: Operation) -> bool:
    """Whether nothing else reads `value`."""
    return all(use.operation is user for use in value.uses)
