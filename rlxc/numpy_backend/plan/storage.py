"""Which values share an array, and which steps may write into one that is read no more.

Tensors are values, arrays are not: a step may write into the array of an operand only if the function
made that array itself, or it was donated, and nothing reads it afterwards, under any name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from typing_extensions import TypeIs
from xdsl.dialects import func, scf, tensor
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Block, BlockArgument, Operation, SSAValue

from rlxc.numpy_backend.arrays.structure import Structure
from rlxc.numpy_backend.arrays.update import update_of
from rlxc.numpy_backend.plan.plan import Plan
from rlxc.numpy_backend.plan.reads import NEW_TENSORS, is_new, is_tensor
from rlxc.passes.arguments import is_donated

VIEWS = (tensor.ExpandShapeOp, tensor.CollapseShapeOp, tensor.ExtractSliceOp, tensor.CastOp)


@dataclass
class Storage:
    """The arrays of a function: what each value is a view of, and the steps that write in place."""

    plan: Plan
    called: Mapping[str, Storage]
    """The arrays of the functions that this one may call."""
    array: dict[SSAValue, SSAValue] = field(default_factory=dict[SSAValue, SSAValue])
    """The value that stands for the array of each value."""
    members: dict[SSAValue, list[SSAValue]] = field(default_factory=lambda: defaultdict[SSAValue, list[SSAValue]](list))
    fixed: set[SSAValue] = field(default_factory=set[SSAValue])
    """The arrays that are never written: those of the caller that are not donated, and those that broadcast."""
    in_place: dict[Operation, SSAValue] = field(default_factory=dict[Operation, SSAValue])
    """The operand in whose array each such step leaves its result."""
    carried: set[BlockArgument] = field(default_factory=set[BlockArgument])
    """The loop-carried values that are one array, written in part in each iteration."""
    copied: set[BlockArgument] = field(default_factory=set[BlockArgument])
    """Those of `carried` that start as a copy of their initial value."""

    passed_copies: set[tuple[Operation, int]] = field(default_factory=set[tuple[Operation, int]])
    """The arguments of calls that are copies, as the called function overwrites them: call and number."""
    returned_copies: set[int] = field(default_factory=set[int])
    """The results that are copies: of arrays that are never written, or that another result is."""
    written: set[SSAValue] = field(default_factory=set[SSAValue])
    """The arrays that steps write into."""
    held: dict[int, int] = field(default_factory=dict[int, int])
    """Result -> the donated argument in whose array it is."""

    @staticmethod
    def of(function: func.FuncOp, plan: Plan, called: Mapping[str, Storage]) -> Storage:
        """Decide where each value of a function lives."""
        storage = Storage(plan, called)
        for argument in function.args:
            if is_donated(argument):
                storage._new(argument)
            else:
                storage._fix(argument)
        storage._visit(function.body.block)
        return storage

    @property
    def overwritten(self) -> set[int]:
        """The numbers of the arguments that have other contents afterwards, or are results."""
        return {array.index for array in self.written if is_input(array)} | set(self.held.values())

    def outlives(self, value: SSAValue, iteration: Block) -> bool:
        """Whether a value of a loop lives in an array that is there in all iterations, and may be written."""
        array = self.array.get(value)
        if array is None or array in self.fixed:
            return False
        return array in self.carried or not any(array.owner is op for op in iteration.walk())

    def _visit(self, block: Block) -> None:
        for op in block.ops:
            if op in self.plan.position or op in self.plan.folded or isinstance(op, NEW_TENSORS):
                self._place(op)

    def _place(self, op: Operation) -> None:
        """Find the arrays of the results of `op`."""
        match op:
            case scf.ForOp():
                self._loop(op)
            case tensor.InsertSliceOp():
                writes = op in self.plan.position and self._may_write(op.dest, self.plan.position[op])
                self._result(op, op.dest if writes else None)
            case linalg.GenericOp():
                self._generic(op)
            case func.CallOp():
                self._call(op)
            case func.ReturnOp():
                self._return(op)
            case _ if isinstance(op, VIEWS):
                self._share(op.results[0], op.operands[0])
            case _:
                for result in op.results:
                    self._new(result)

    def _generic(self, op: linalg.GenericOp) -> None:
        structure = Structure.of(op)
        if structure.viewed is not None:
            self._share(op.results[0], structure.viewed)
            self._fix(op.results[0])
        elif structure.is_broadcast:
            self._fix(op.results[0])
        else:
            self._result(op, self._reusable(structure) if op in self.plan.position else None)

    def _reusable(self, structure: Structure) -> SSAValue | None:
        """In a loop, where the same arrays are made again and again: an input that can hold the result."""
        op = structure.op
        if not isinstance(op.parent_op(), scf.ForOp):
            return None
        for operand in structure.inputs:
            arrays = [self.array.get(value) for value in self.plan.values_read(op)]
            alone = arrays.count(self.array.get(operand.value)) == 1 and operand.value.owner not in self.plan.folded
            if alone and update_of(structure, operand) and self._may_write(operand.value, self.plan.position[op]):
                return operand.value
        return None

    def _call(self, op: func.CallOp) -> None:
        """What the called function overwrites is what it is given, or a copy."""
        callee = self.called.get(op.callee.string_value(), Storage(self.plan, {}))
        arrays = [self.array.get(value) for value in op.arguments]
        for number in callee.overwritten:
            alone = arrays.count(arrays[number]) == 1
            if alone and self._may_write(op.arguments[number], self.plan.position[op]):
                self.written.add(self.array[op.arguments[number]])
            else:
                self.passed_copies.add((op, number))
        for result, value in enumerate(op.results):
            number = callee.held.get(result)
            if number is None or (op, number) in self.passed_copies:
                self._new(value)
            else:
                self._share(value, op.arguments[number])

    def _return(self, op: func.ReturnOp) -> None:
        """What is returned is no array of the caller, unless it was donated, and no two results share one."""
        returned = set[SSAValue]()
        for number, value in enumerate(op.operands):
            array = self.array.get(value) if is_tensor(value) else None
            if array is None:
                continue
            if array in self.fixed or array in returned:
                self.returned_copies.add(number)
            elif is_input(array):
                self.held[number] = array.index
            returned.add(array)

    def _loop(self, op: scf.ForOp) -> None:
        body = op.body.block
        for argument, initial, result in zip(body.args[1:], op.iter_args, op.results, strict=True):
            if not is_tensor(argument):
                continue
            if is_written_in_part(argument):
                writes = is_new(initial) or self._may_write(initial, self.plan.position[op])
                self.carried.add(argument)
                if writes and not is_new(initial):
                    self.written.add(self.array[initial])
                    self._share(argument, initial)
                else:
                    self._new(argument)
                if not writes:
                    self.copied.add(argument)
            else:
                for value in (initial, argument):
                    self._fix(value)
        self._visit(body)
        for argument, result in zip(body.args[1:], op.results, strict=True):
            if argument in self.carried:
                self._share(result, argument)
            elif is_tensor(result):
                self._fix(result)

    def _may_write(self, value: SSAValue, position: int) -> bool:
        """Whether the array of a value is the function's own, and nothing reads it after the step at `position`."""
        array = self.array.get(value)
        if array is None or array in self.fixed or is_new(value) or value.owner in self.plan.folded:
            return False
        return all(self.plan.is_dead_after(member, position) for member in self.members[array])

    def _result(self, op: Operation, written: SSAValue | None) -> None:
        if written is None:
            self._new(op.results[0])
        else:
            self.in_place[op] = written
            self.written.add(self.array[written])
            self._share(op.results[0], written)

    def _new(self, value: SSAValue) -> None:
        self.array[value] = value
        self.members[value].append(value)

    def _share(self, value: SSAValue, other: SSAValue) -> None:
        array = self.array.get(other)
        if array is None:
            self._new(value)
        else:
            self.array[value] = array
            self.members[array].append(value)

    def _fix(self, value: SSAValue) -> None:
        """Let the array of a value never be written."""
        if value not in self.array:
            self._new(value)
        self.fixed.add(self.array[value])


def is_input(value: SSAValue) -> TypeIs[BlockArgument]:
    """Whether a value is an argument of a function."""
    return isinstance(value, BlockArgument) and isinstance(value.block.parent_op(), func.FuncOp)


def is_written_in_part(argument: BlockArgument) -> bool:
    """Whether a loop yields its own carried value with parts overwritten."""
    loop_yield = argument.block.ops.last
    if loop_yield is None:
        return False
    value = loop_yield.operands[argument.index - 1]
    while isinstance(value.owner, tensor.InsertSliceOp) and value.owner.parent is argument.block:
        value = value.owner.dest
    return value is argument
