"""What must hold of some of xDSL's operations besides what their own verifiers see to.

On an operation that breaks these rules, the verifier of xDSL 0.74 stops with an exception that
is no diagnostic; or it knows nothing of an attribute that has a meaning here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from xdsl.dialects.builtin import MemRefType
from xdsl.dialects.func import CallOp
from xdsl.ir import Operation, Region, SSAValue
from xdsl.utils.exceptions import VerifyException

from rlxc.dialects.rlx.scope import scope_of


def verify_preconditions(op: Operation) -> None:
    """Raise VerifyException if `op` is malformed in a way that its own verifier does not survive, or does not see."""
    if (check := PRECONDITIONS.get(op.name)) is not None:
        check(op)


def _call(op: Operation) -> None:
    assert isinstance(op, CallOp)
    scope_of(op)


def _load(op: Operation) -> None:
    _one_index_for_each_dimension(op.operands)


def _store(op: Operation) -> None:
    _one_index_for_each_dimension(op.operands[1:])


def _while(op: Operation) -> None:
    before, after = op.regions
    _same_types(before, op.operands, "operands")
    _same_types(after, op.results, "results")


def _one_index_for_each_dimension(operands: Sequence[SSAValue]) -> None:
    if not operands or not isinstance(memref := operands[0].type, MemRefType):
        return
    rank, indices = memref.get_num_dims(), len(operands) - 1
    if indices != rank:
        raise VerifyException(f"takes an index for each of the {rank} dimensions, got {indices}")


def _same_types(region: Region, values: Sequence[SSAValue], what: str) -> None:
    if region.first_block is None or region.first_block.arg_types != tuple(value.type for value in values):
        raise VerifyException(f"needs a region whose arguments have the types of its {what}")


PRECONDITIONS: Mapping[str, Callable[[Operation], None]] = {
    "func.call": _call,
    "memref.load": _load,
    "memref.store": _store,
    "scf.while": _while,
}
"""Operation name -> what has to be checked first."""
