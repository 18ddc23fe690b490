"""What a function prints, in which order, and until when each value is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from xdsl.dialects import cf, func, scf
from xdsl.ir import Block, Operation, SSAValue

from rlxc.numpy_backend.plan.folding import folded_operations
from rlxc.numpy_backend.plan.reads import NEW_TENSORS, is_scalar_operation, reads

ROOTS = (func.ReturnOp, cf.AssertOp, func.CallOp)
"""The operations that a function is run for."""


@dataclass
class Plan:
    """The steps of a function: the operations that are printed as statements, numbered in order."""

    steps: dict[Block, list[Operation]] = field(default_factory=lambda: defaultdict[Block, list[Operation]](list))
    folded: set[Operation] = field(default_factory=set[Operation])
    position: dict[Operation, int] = field(default_factory=dict[Operation, int])
    loop_end: dict[Operation, int] = field(default_factory=dict[Operation, int])
    last_read: dict[SSAValue, int] = field(default_factory=dict[SSAValue, int])

    @staticmethod
    def of(function: func.FuncOp) -> Plan:
        """The plan of a function."""
        needed = _needed(function)
        in_order = [op for op in function.body.walk() if op in needed]
        readers: dict[SSAValue, list[Operation]] = defaultdict(list)
        for op in in_order:
            for value in reads(op):
                readers[value].append(op)
        plan = Plan(folded=folded_operations(in_order, readers))
        plan._number(function.body.block, needed, 0)
        for op in in_order:
            if op in plan.position:
                for value in plan.values_read(op):
                    plan._read(value, op)
        return plan

    def values_read(self, step: Operation) -> Iterator[SSAValue]:
        """What a step reads, itself or in the operations folded into it."""
        for value in reads(step):
            if value.owner in self.folded:
                assert isinstance(value.owner, Operation)
                yield from self.values_read(value.owner)
            else:
                yield value

    def is_dead_after(self, value: SSAValue, position: int) -> bool:
        """Whether nothing reads the value after the step at `position`."""
        return self.last_read.get(value, -1) <= position

    def _number(self, block: Block, needed: set[Operation], position: int) -> int:
        """Number the steps of a block from `position` on; the first number that is left."""
        for op in block.ops:
            if op not in needed or op in self.folded or isinstance(op, NEW_TENSORS):
                continue
            self.steps[block].append(op)
            self.position[op] = position
            position += 1
            if isinstance(op, scf.ForOp):
                position = self._number(op.body.block, needed, position)
                self.loop_end[op] = position
                position += 1
        return position

    def _read(self, value: SSAValue, step: Operation) -> None:
        """Note a read; what a loop reads from outside of it, it reads until it ends."""
        position, block = self.position[step], step.parent
        home = value.owner.parent if isinstance(value.owner, Operation) else value.owner
        while block is not home and block is not None and isinstance(loop := block.parent_op(), scf.ForOp):
            position, block = self.loop_end[loop], loop.parent
        self.last_read[value] = max(self.last_read.get(value, -1), position)


def _needed(function: func.FuncOp) -> set[Operation]:
    """The operations that the results and the checks of a function depend on; scalars are found by their readers."""
    todo: list[Operation] = [op for op in function.body.walk() if isinstance(op, ROOTS)]
    needed: set[Operation] = set()
    while todo:
        op = todo.pop()
        if op in needed:
            continue
        needed.add(op)
        if isinstance(op, scf.ForOp) and (last := op.body.block.ops.last) is not None:
            todo.append(last)
        parent = op.parent_op()
        if isinstance(parent, scf.ForOp):
            todo.append(parent)
        todo += [value.owner for value in reads(op) if isinstance(value.owner, Operation)]
    return {op for op in needed if not is_scalar_operation(op)}
