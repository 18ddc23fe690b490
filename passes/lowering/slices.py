"""The operations that a value is computed from."""

from __future__ import annotations

from collections.abc import Iterable

from xdsl.ir import Block, Operation, SSAValue


def backward_slice(values: Iterable[SSAValue], block: Block) -> list[Operation]:
    """The operations of `block` that compute `values`, in order."""
    needed = set[Operation]()
    pending = [value.owner for value in values]
    while pending:
        owner = pending.pop()
        ancestor = block.find_ancestor_op_in_block(owner) if isinstance(owner, Operation) else None
        if ancestor is not None and ancestor not in needed:
            needed.add(ancestor)
            pending += [operand.owner for inner in ancestor.walk() for operand in inner.operands]
    return [op for op in block.ops if op in needed]
