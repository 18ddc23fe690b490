"""The statements of a function, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xdsl.dialects import arith, cf, func, scf, tensor
from xdsl.dialects.builtin import IntAttr, IntegerAttr
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Block, BlockArgument, Operation, SSAValue

from rlxc.numpy_backend.arrays.alignment import shortest
from rlxc.numpy_backend.arrays.body import Body
from rlxc.numpy_backend.arrays.structure import Structure
from rlxc.numpy_backend.arrays.update import update_lines, update_of
from rlxc.numpy_backend.arrays.views import slice_items
from rlxc.numpy_backend.dims import declare_dims
from rlxc.numpy_backend.errors import unsupported
from rlxc.numpy_backend.plan.hints import hint_of, source_of
from rlxc.numpy_backend.plan.reads import is_new, is_scalar_operation, is_size
from rlxc.numpy_backend.plan.storage import Storage
from rlxc.numpy_backend.sizes.size import Size
from rlxc.numpy_backend.taken_weights import PassedWeights
from rlxc.numpy_backend.text.expression import Code, call, method, negation, string, subscript
from rlxc.numpy_backend.text.statements import Statement
from rlxc.numpy_backend.values import Values


class Steps:
    """Prints the steps of a function into `values.statements`, in program order."""

    def __init__(self, values: Values, storage: Storage, calls: Mapping[func.CallOp, PassedWeights]):
        self.values, self.storage, self.plan, self.calls = values, storage, values.plan, calls
        self.equal: set[frozenset[Size]] = set()
        """The sizes that are equal by a check before."""

    def print_block(self, block: Block) -> None:
        """Print each step of a block, and each size that has a name."""
        for op in block.ops:
            self.values.source = source_of(op)
            if is_scalar_operation(op):
                self._size(op)
            elif op in self.plan.position:
                self._step(op)
                self.values.variables.release()

    def _step(self, op: Operation) -> None:
        match op:
            case cf.AssertOp():
                self._assert(op)
            case scf.ForOp():
                self._loop(op)
            case scf.YieldOp():
                self._yield(op)
            case tensor.InsertSliceOp():
                self._insert(op)
            case func.CallOp():
                self._call(op)
            case func.ReturnOp():
                self._return(op)
            case linalg.GenericOp() if op in self.storage.in_place:
                self._update(op, self.storage.in_place[op])
            case _:
                self._assign(op)

    def _size(self, op: Operation) -> None:
        """Give a size its name, if it has one and is more than a number or a variable."""
        result = op.results[0]
        if result.name_hint is None or not is_size(result):
            return
        size = self.values.size(result)
        if size.literal is None and size not in self.values.size_names and not _is_leaf(size):
            name = self.values.variables.reserve(result.name_hint)
            self.values.print(f"{name} = {self.values.size_text.formula(size)}", defines=name)
            self.values.size_names[size] = Code(name)

    def _assert(self, op: cf.AssertOp) -> None:
        condition = self.values.code(op.arg)
        failure = f"raise ValueError({string(op.msg.data)})"
        if condition.text == "True" or self._is_checked(op):
            return
        opposite = self.values.opposite(op.arg) or negation(condition)
        # The message says which operation asks; all checks stand together in front.
        self.values.source = None
        self._compound(f"if {opposite}:", [Statement(failure)])
        self.values.index_values.learn(op.arg)

    def _is_checked(self, op: cf.AssertOp) -> bool:
        """Whether a check before this one compared the same two sizes; those in loops may not have run."""
        match op.arg.owner:
            case arith.CmpiOp(predicate=IntegerAttr(value=IntAttr(data=0))) as equal if is_size(equal.lhs):
                sizes = frozenset((self.values.size(equal.lhs), self.values.size(equal.rhs)))
                checked = sizes in self.equal
                if isinstance(op.parent_op(), func.FuncOp):
                    self.equal.add(sizes)
                return checked
            case _:
                return False

    def _loop(self, op: scf.ForOp) -> None:
        body = op.body.block
        for argument, initial in zip(body.args[1:], op.iter_args, strict=True):
            self._carry(argument, initial, self.plan.position[op])
        lower, upper, step = (self.values.code(bound) for bound in (op.lb, op.ub, op.step))
        self.values.index_values.enter_loop(op)
        outside, sizes = self.values.statements, list(self.values.size_names)
        with self.values.variables.scope():
            self.values.statements = []
            counter = self.values.variables.bind(body.args[0], body.args[0].name_hint or "i", -1)
            self.print_block(body)
            inside, self.values.statements = self.values.statements, outside
        for size in set(self.values.size_names).difference(sizes):
            del self.values.size_names[size]
        self.values.source = source_of(op)
        bounds = [lower, upper, step]
        if step.text == "1":
            bounds = bounds[1:2] if lower.text == "0" else bounds[:2]
        if inside:
            self._compound(f"for {counter} in {call('range', *bounds)}:", inside)
        for argument, result in zip(body.args[1:], op.results, strict=True):
            self.values.variables.share(result, argument)

    def _carry(self, argument: BlockArgument, initial: SSAValue, position: int) -> None:
        """Set up a value that a loop carries."""
        code = self.values.code(initial)
        if argument in self.storage.copied:
            code = method(code, "copy")
        elif argument in self.storage.carried and not is_new(initial):
            self.values.variables.share(argument, initial)
            return
        name = self.values.variables.bind(argument, hint_of(argument), position)
        self.values.print(f"{name} = {code}")

    def _yield(self, op: scf.YieldOp) -> None:
        loop = op.parent_op()
        assert isinstance(loop, scf.ForOp)
        pairs = [
            (self.values.code(argument).text, self._handed_on(argument, value).text)
            for argument, value in zip(loop.body.block.args[1:], op.operands, strict=True)
        ]
        changed = [(target, text) for target, text in pairs if target != text]
        if changed:
            targets, texts = map(", ".join, zip(*changed, strict=True))
            self.values.print(f"{targets} = {texts}")

    def _handed_on(self, argument: BlockArgument, value: SSAValue) -> Code:
        """What an iteration leaves for a carried value: a copy of an array that may be written under another name."""
        code = self.values.code(value)
        is_shared = argument not in self.storage.carried and self.storage.outlives(value, argument.block)
        return method(code, "copy") if is_shared else code

    def _insert(self, op: tensor.InsertSliceOp) -> None:
        variables = self.values.variables
        if op in self.storage.in_place:
            name = variables.share(op.result, op.dest)
        else:
            start = self.values.code(op.dest)
            name = variables.bind(op.result, hint_of(op.result), self.plan.position[op] - 1)
            self.values.print(f"{name} = {start if is_new(op.dest) else method(start, 'copy')}")
        items = slice_items(self.values, op, op.dest)
        whole = all(item == ":" for item in items)
        self.values.print(f"{name}[{'...' if whole else ', '.join(shortest(items))}] = {self.values.code(op.source)}")

    def _return(self, op: func.ReturnOp) -> None:
        copies = self.storage.returned_copies
        texts = (self._passed(value, number in copies).text for number, value in enumerate(op.operands))
        self.values.print(f"return {', '.join(texts)}".strip())

    def _passed(self, value: SSAValue, copied: bool) -> Code:
        """A value that another function gets: as it is, or a copy."""
        code = self.values.code(value)
        return method(code, "copy") if copied else code

    def _update(self, op: linalg.GenericOp, written: SSAValue) -> None:
        """The operation as updates of the array of one of its inputs, which takes the name of the result."""
        structure = Structure.of(op)
        operand = next(operand for operand in structure.inputs if operand.value is written)
        way, target = update_of(structure, operand), self.values.code(written)
        assert way is not None
        lines = update_lines(Body(self.values, structure), target, way)
        result = op.results[0]
        for line in lines[:-1]:
            self.values.print(line)
        if lines[-1].endswith(f"out={target})") and result.name_hint not in (None, written.name_hint):
            name = self.values.variables.bind(result, hint_of(result), self.plan.position[op] - 1)
            self.values.print(f"{name} = {lines[-1]}")
        else:
            self.values.variables.share(result, written)
            self.values.print(lines[-1])

    def _assign(self, op: Operation) -> None:
        code = self.values.formula(op)
        position = self.plan.position[op]
        names = [self.values.variables.bind(result, hint_of(result), position) for result in op.results]
        self.values.print(f"{', '.join(names)} = {code}" if names else code.text)

    def _call(self, op: func.CallOp) -> None:
        callee, passed = op.callee.string_value(), self.calls.get(op)
        if callee not in self.values.functions:
            unsupported(op, f"@{callee} has no body")
        codes = [
            self._passed(value, (op, number) in self.storage.passed_copies)
            for number, value in enumerate(op.arguments)
            if passed is None or number not in passed.numbers
        ]
        params = [] if passed is None else [subscript(Code("params"), [string(passed.name)])]
        code = call(self.values.functions[callee], *codes, *params)
        names = [self._result_name(op, result) for result in op.results]
        self.values.print(f"{', '.join(names)} = {code}" if names else code.text)
        for result in op.results:
            declare_dims(self.values, result)

    def _result_name(self, op: func.CallOp, result: SSAValue) -> str:
        """A new name, or that of the array which the called function was given to write into."""
        variables = self.values.variables
        for value in op.arguments:
            if self.storage.array.get(value) is self.storage.array[result] and variables.name(value) is not None:
                return variables.share(result, value)
        return variables.bind(result, hint_of(result), self.plan.position[op])

    def _compound(self, header: str, body: list[Statement]) -> None:
        """A statement with a body, whose lines belong to the same source operation."""
        lines = tuple(replace(line, source=None) for line in body)
        self.values.statements.append(Statement(header, self.values.source, None, lines))


def _is_leaf(size: Size) -> bool:
    """Whether the size is a variable anyway."""
    return isinstance(size.atom, SSAValue)
