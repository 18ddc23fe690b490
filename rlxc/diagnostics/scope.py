"""Which names and values an operation may use: symbols defined once, values defined before their use."""

from __future__ import annotations

from dataclasses import dataclass, field

from xdsl.ir import Block, Operation, Region, SSAValue
from xdsl.irdl.dominance import DominanceInfo
from xdsl.traits import SymbolOpInterface, SymbolTable
from xdsl.utils.exceptions import VerifyException

from rlxc.diagnostics.places import operation_location

SEQUENTIAL_DIALECTS = frozenset({"func", "scf", "affine", "linalg", "tensor"})
"""Dialects whose operations execute their regions in order. Elsewhere a region may be a graph."""


@dataclass
class Scope:
    """What is known of the module while its operations are verified."""

    order: dict[Operation, int]
    """The position of each operation in the text."""
    symbols: dict[tuple[Operation, str], Operation] = field(default_factory=dict[tuple[Operation, str], Operation])
    """The symbols seen so far, by the operation that holds them and their name."""
    dominance: dict[Region, DominanceInfo] = field(default_factory=dict[Region, DominanceInfo])

    def verify_symbol(self, op: Operation) -> None:
        """Check that no operation beside `op` defines the same symbol."""
        table = op.parent_op()
        interface = op.get_trait(SymbolOpInterface)
        symbol = interface.get_sym_attr_name(op) if interface else None
        if symbol is None or table is None or not table.has_trait(SymbolTable):
            return
        first = self.symbols.setdefault((table, symbol.data), op)
        if first is not op:
            raise VerifyException(f"defines the symbol '@{symbol.data}' again, first at {operation_location(first)}")

    def verify_operands(self, op: Operation) -> None:
        """Check that every operand has a value whenever `op` runs."""
        for operand in op.operands:
            if (problem := self._misuse(operand, op)) is not None:
                raise VerifyException(f"uses {name_of(operand)}{problem}")

    def _misuse(self, operand: SSAValue, user: Operation) -> str | None:
        block = operand.owner if isinstance(operand.owner, Block) else operand.owner.parent
        if block is None or block.parent is None or not is_sequential(block.parent):
            return None
        here = ancestor_in(user, block.parent)
        if here is None or here.parent is None:
            return ", which belongs to another region"
        if here.parent is block:
            defined = isinstance(operand.owner, Block) or self.order[operand.owner] < self.order[here]
        else:
            defined = self._dominates(block, here.parent)
        return None if defined else " before it is defined"

    def _dominates(self, block: Block, other: Block) -> bool:
        """Whether every path to `other` passes `block`, which is so if there is no path at all."""
        region = block.parent
        assert region is not None
        assert region.first_block is not None
        if region not in self.dominance:
            self.dominance[region] = DominanceInfo(region)
        info = self.dominance[region]
        return info.dominates(block, other) or not info.dominates(region.first_block, other)


def is_sequential(region: Region) -> bool:
    """Whether the operations of the region's blocks run in the order in which they are written."""
    parent = region.parent_op()
    return parent is not None and parent.dialect_name() in SEQUENTIAL_DIALECTS


def ancestor_in(op: Operation, region: Region) -> Operation | None:
    """The operation directly in `region` that is `op` or holds it."""
    around: Operation | None = op
    while around is not None and around.parent_region() is not region:
        around = around.parent_op()
    return around


def name_of(value: SSAValue) -> str:
    """How messages call a value."""
    return f"'%{value.name_hint}'" if value.name_hint else "a value"
