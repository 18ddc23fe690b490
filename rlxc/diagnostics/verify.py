"""Verification that says where: one operation at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.utils.exceptions import VerifyException

from rlxc.diagnostics.errors import RlxcError
from rlxc.diagnostics.places import operation_location
from rlxc.diagnostics.preconditions import verify_preconditions
from rlxc.diagnostics.scope import Scope
from rlxc.diagnostics.suggest import closest

_MISSING_ATTRIBUTE = re.compile(r"(property|attribute) '(?P<name>\w+)' expected in operation '.*'")


def verify_module(module: ModuleOp) -> None:
    """Verify every operation, the inner ones first.

    Raises RlxcError with the place of the first operation that fails. Besides what xDSL
    verifies, every operand must be defined before its use.
    """
    scope = Scope(order={op: index for index, op in enumerate(module.walk())})
    for op in inside_out(module):
        try:
            scope.verify_symbol(op)
            scope.verify_operands(op)
            verify_operation(op)
        except VerifyException as error:
            raise RlxcError(f"'{op.name}' op {reason_of(error, op)}", location=operation_location(op)) from error
        except KeyError as error:
            reason = f"cannot be verified: {error} is missing here or in the operation around it"
            raise RlxcError(f"'{op.name}' op {reason}", location=operation_location(op)) from error


def reason_of(error: VerifyException, op: Operation) -> str:
    """What is wrong with `op`, on one line, and without its name, which comes first in every message."""
    reason = " ".join(str(error).split())
    if (missing := _MISSING_ATTRIBUTE.fullmatch(reason)) is not None:
        misspelt = closest(missing["name"], op.attributes)
        return f"needs the attribute '{missing['name']}'" + (f", not '{misspelt}'" if misspelt else "")
    return reason.removeprefix(f"Operation {op.name} ").removesuffix(f" in operation '{op.name}'")


def inside_out(op: Operation) -> Iterator[Operation]:
    """All operations in `op`, each after the ones nested in it, `op` itself last."""
    for region in op.regions:
        for block in region.blocks:
            for inner in block.ops:
                yield from inside_out(inner)
    yield op


def verify_operation(op: Operation) -> None:
    """Verify `op` alone, and that each of its blocks that needs a terminator has one."""
    for region in op.regions:
        for block in region.blocks:
            if block.is_empty:
                block.verify()
    verify_preconditions(op)
    op.verify(verify_nested_ops=False)
