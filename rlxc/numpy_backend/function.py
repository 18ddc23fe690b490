"""One function of the printed module."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from xdsl.dialects import arith, func, math
from xdsl.dialects.builtin import TensorType
from xdsl.ir import BlockArgument, SSAValue
from xdsl.utils.hints import isa

from rlxc.numpy_backend.dims import entering_dims, shape_line
from rlxc.numpy_backend.errors import unsupported
from rlxc.numpy_backend.parameters import name_of
from rlxc.numpy_backend.plan.plan import Plan
from rlxc.numpy_backend.plan.storage import Storage
from rlxc.numpy_backend.sizes.size import Size
from rlxc.numpy_backend.sizes.size_text import SizeText
from rlxc.numpy_backend.steps import Steps
from rlxc.numpy_backend.taken_weights import TakenWeights
from rlxc.numpy_backend.text.expression import Code, string, subscript
from rlxc.numpy_backend.text.layout import docstring, lines, wrapped
from rlxc.numpy_backend.text.statements import Statement, flat, without_unread
from rlxc.numpy_backend.values import Values
from rlxc.passes.lowering.dims import Dim

MAY_OVERFLOW = (math.ExpOp, math.Exp2Op, math.ExpM1Op, math.CoshOp, math.SinhOp, math.PowFOp)
"""Functions whose result may be infinite where that is as good as a large number."""


@dataclass
class FunctionPrinter:
    """Prints one function."""

    function: func.FuncOp
    functions: Mapping[str, str]
    taken: Container[str]
    helpers: set[str]
    weights: TakenWeights | None
    """What it takes from `params`, if it takes any."""
    called: Mapping[str, Storage]
    """The arrays of the functions that it may call."""

    def __post_init__(self) -> None:
        if len(self.function.body.blocks) != 1:
            unsupported(self.function, "it branches between blocks")
        plan = Plan.of(self.function)
        weights = self.weights or TakenWeights((), frozenset(), {})
        fixed: dict[SSAValue, Code] = {
            parameter.argument: subscript(Code("params"), [string(parameter.name)]) for parameter in weights.parameters
        }
        self.values = Values(plan, fixed, self.functions, self.taken, self.helpers)
        self.storage = Storage.of(self.function, plan, self.called)
        self.inputs = [argument for argument in self.function.args if argument not in weights.arguments]
        self.calls = weights.calls

    def lines(self) -> Iterator[str]:
        """The text of the function."""
        names = {argument: self.values.variables.bind(argument, name_of(argument), -2) for argument in self.inputs}
        dims = {argument: self._name_dims(argument) for argument in self.inputs}
        signature = self._signature(names)
        Steps(self.values, self.storage, self.calls).print_block(self.function.body.block)
        body = without_unread(self.values.statements)
        if self._may_overflow():
            yield '@np.errstate(over="ignore")'
        arguments = [*names.values(), *(["params"] if self.weights is not None else [])]
        yield from wrapped(f"def {self.functions[self.function.sym_name.data]}({', '.join(arguments)}):", 0)
        yield from docstring(f"{signature}{self._overwritten(names)}", 1)
        yield from lines([*self._shape_statements(names, dims, body), *body], 1)

    def _name_dims(self, argument: BlockArgument) -> dict[int, str]:
        """A variable for each size that enters with the argument."""
        found: dict[int, str] = {}
        for axis, hint in entering_dims(argument).items():
            found[axis] = self.values.variables.reserve(hint)
            self.values.size_names[Size.of(Dim(argument, axis))] = Code(found[axis])
        return found

    def _shape_statements(
        self,
        names: Mapping[BlockArgument, str],
        dims: Mapping[BlockArgument, dict[int, str]],
        body: Sequence[Statement],
    ) -> Iterator[Statement]:
        """The lines that bind the sizes that the body reads."""
        read = set[str]().union(*(statement.names_read for statement in flat(body)))
        for argument, name in names.items():
            used = [(axis, dim) for axis, dim in dims[argument].items() if dim in read]
            together = shape_line(name, _rank(argument), used) if used else None
            if together is not None:
                yield Statement(together)
            else:
                yield from (Statement(f"{dim} = {name}.shape[{axis}]") for axis, dim in used)

    def _signature(self, names: Mapping[BlockArgument, str]) -> str:
        """`x [B, S, 2048] -> [B, S, 2048]`."""
        inputs = ", ".join(f"{name}{self._shape(argument)}" for argument, name in names.items())
        terminator = self.function.body.block.ops.last
        results = terminator.operands if terminator is not None else ()
        return f"{inputs} -> {', '.join(self._shape(result).strip() or 'number' for result in results) or 'nothing'}."

    def _overwritten(self, names: Mapping[BlockArgument, str]) -> str:
        """Which inputs have other contents afterwards."""
        written = [name for argument, name in names.items() if argument.index in self.storage.overwritten]
        return f" Overwrites {', '.join(written)}." if written else ""

    def _shape(self, value: SSAValue) -> str:
        text = SizeText(self.values.size_names, lambda leaf: Code(self._input_name(leaf) or "?"))
        sizes = (text.code(self.values.axis(value, axis)).text for axis in range(_rank(value)))
        sizes = ["?" if "?" in size else size for size in sizes]
        return f" [{', '.join(sizes)}]" if isa(value.type, TensorType) else ""

    def _input_name(self, leaf: Dim | SSAValue) -> str | None:
        """The name of a number that callers give."""
        return self.values.variables.name(leaf) if isinstance(leaf, SSAValue) else None

    def _may_overflow(self) -> bool:
        """Whether NumPy could warn of an overflow: not in exp(x - y), the form of a softmax."""
        return any(
            isinstance(op, MAY_OVERFLOW) and not isinstance(op.operands[0].owner, arith.SubfOp)
            for op in self.function.walk()
        )


def _rank(value: SSAValue) -> int:
    return value.type.get_num_dims() if isa(value.type, TensorType) else 0
