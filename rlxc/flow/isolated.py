"""Operations that use values from outside, as the body of a function that takes these values."""

from __future__ import annotations

from xdsl.dialects.builtin import FunctionType
from xdsl.ir import Block, Operation, SSAValue

from rlxc.dialects.rlx import RopeTableOp


def isolate(block: Block) -> list[SSAValue]:
    """Let the block use nothing from outside but new arguments; the values that these stand for.

    Rope tables are made in the block too: what depends on no weight is the same everywhere.
    """
    inside = set[SSAValue](block.args)
    arguments: dict[SSAValue, SSAValue] = {}
    tables: dict[SSAValue, SSAValue] = {}
    for op in list(block.walk()):
        inside.update(op.results, *(inner.args for region in op.regions for inner in region.blocks))
        for index, value in enumerate(op.operands):
            if value in inside:
                continue
            if isinstance(value.owner, RopeTableOp):
                op.operands[index] = _inside(value.owner, block, tables)
                continue
            if value not in arguments:
                arguments[value] = block.insert_arg(value.type, len(block.args))
                arguments[value].name_hint = value.name_hint
            op.operands[index] = arguments[value]
    return list(arguments)


def _inside(table: RopeTableOp, block: Block, tables: dict[SSAValue, SSAValue]) -> SSAValue:
    if table.result not in tables:
        made = table.clone()
        made.location = table.location
        first = block.first_op
        assert isinstance(first, Operation)
        block.insert_op_before(made, first)
        tables[table.result] = made.result
    return tables[table.result]


def function_type(block: Block) -> FunctionType:
    """The type of the function that has the block as its body."""
    returned = block.last_op
    assert returned is not None
    return FunctionType.from_lists(list(block.arg_types), [value.type for value in returned.operands])
