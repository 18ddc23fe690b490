"""The values of one function while it is printed: their names, their formulas, their sizes."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import AnyFloat, FloatAttr, IntegerAttr, IntegerType, TensorType
from xdsl.dialects.linalg import ops as linalg
from xdsl.ir import Operation, SSAValue
from xdsl.utils.hints import isa

from rlxc.dialects.rlx import MoeOp, RouteOp
from rlxc.numpy_backend.arrays.comparison import negated
from rlxc.numpy_backend.arrays.dtypes import dtype
from rlxc.numpy_backend.arrays.experts import experts
from rlxc.numpy_backend.arrays.generic import generic
from rlxc.numpy_backend.arrays.operations import element_code
from rlxc.numpy_backend.arrays.structure import Structure
from rlxc.numpy_backend.arrays.term import Term
from rlxc.numpy_backend.arrays.views import RESHAPES, reshaped, sliced
from rlxc.numpy_backend.errors import unsupported
from rlxc.numpy_backend.plan.plan import Plan
from rlxc.numpy_backend.plan.reads import is_scalar_operation, is_size
from rlxc.numpy_backend.sizes.index_values import IndexValues
from rlxc.numpy_backend.sizes.size import Size
from rlxc.numpy_backend.sizes.size_text import SizeText
from rlxc.numpy_backend.text.expression import Code, call, infix, integer, real, subscript, tuple_of
from rlxc.numpy_backend.text.statements import Statement
from rlxc.numpy_backend.variables import Variables
from rlxc.passes.lowering.dims import Dim

LOGIC: dict[type[Operation], str] = {arith.AndIOp: "and", arith.OrIOp: "or"}


@dataclass
class Values:
    """A `Scope`: what is known of the values of a function, and the statements that are printed so far."""

    plan: Plan
    fixed: Mapping[SSAValue, Code]
    """The values whose text never changes: parameters."""
    functions: Mapping[str, str]
    """The printed name of each function of the module."""
    taken: Container[str]
    helpers: set[str]
    index_values: IndexValues = field(default_factory=IndexValues)
    statements: list[Statement] = field(default_factory=list[Statement])
    size_names: dict[Size, Code] = field(default_factory=dict[Size, Code])
    source: str | None = None
    """The source operation of the statement that is being printed."""

    def __post_init__(self) -> None:
        self.variables = Variables(self.taken, self.plan.is_dead_after)
        self.size_text = SizeText(self.size_names, self._size_leaf)

    def code(self, value: SSAValue) -> Code:
        """The expression of a value."""
        name = self.variables.name(value)
        if name is not None:
            return Code(name)
        if value in self.fixed:
            return self.fixed[value]
        if is_size(value) and (is_scalar_operation(value.owner) or isinstance(value.owner, tensor.DimOp)):
            return self.size_code(self.size(value))
        assert isinstance(value.owner, Operation)
        return self.formula(value.owner)

    def formula(self, op: Operation) -> Code:
        """The result of an operation, from the values that it reads."""
        match op:
            case linalg.GenericOp():
                return generic(self, Structure.of(op))
            case tensor.ExtractSliceOp():
                return sliced(self, op)
            case tensor.ExpandShapeOp() | tensor.CollapseShapeOp():
                return reshaped(self, self.code(self._before_reshapes(op.src)), op.result)
            case tensor.CastOp():
                return self.code(op.source)
            case tensor.ConcatOp():
                parts = tuple_of([self.code(part) for part in op.inputs])
                return call("np.concatenate", parts, axis=str(op.dim.value.data))
            case tensor.ExtractOp(tensor=source, indices=indices):
                return subscript(self.code(source), map(self.code, indices)) if indices else self.code(source)
            case RouteOp() | MoeOp():
                return experts(self, op)
            case tensor.EmptyOp() | linalg.FillOp():
                return self._new_array(op)
            case _ if isinstance(op, arith.ConstantOp) or is_scalar_operation(op):
                return self._scalar(op)
            case _:
                unsupported(op, "no rule prints it here")

    def size(self, value: SSAValue) -> Size:
        return self.index_values.size(value)

    def axis(self, value: SSAValue, axis: int) -> Size:
        return self.index_values.axis(value, axis)

    def size_code(self, size: Size) -> Code:
        return self.size_text.code(size)

    def is_nonnegative(self, value: SSAValue) -> bool:
        return is_size(value) and self.index_values.facts.is_nonnegative(self.size(value))

    def define(self, hint: str, code: Code) -> Code:
        name = self.variables.lend(hint)
        self.print(f"{name} = {code}")
        return Code(name)

    def use_helper(self, name: str) -> None:
        self.helpers.add(name)

    def print(self, text: str, *, defines: str | None = None) -> None:
        """Add a statement."""
        self.statements.append(Statement(text, self.source, defines))

    def opposite(self, condition: SSAValue) -> Code | None:
        """The negation of a scalar comparison, as one comparison."""
        if not isinstance(condition.owner, arith.CmpiOp) or self.variables.name(condition) is not None:
            return None
        return negated(condition, [Term(self.code(operand)) for operand in condition.owner.operands])

    def _before_reshapes(self, value: SSAValue) -> SSAValue:
        """The value that folded reshapes start from: of several, only the last matters."""
        while value.owner in self.plan.folded and isinstance(value.owner, RESHAPES):
            value = value.owner.src
        return value

    def _new_array(self, op: tensor.EmptyOp | linalg.FillOp) -> Code:
        result = op.results[0]
        assert isa(result.type, TensorType)
        shape = tuple_of([self.size_code(self.axis(result, axis)) for axis in range(result.type.get_num_dims())])
        kind = dtype(op, result.type.element_type)
        if isinstance(op, tensor.EmptyOp):
            return call("np.empty", shape, kind)
        return call("np.full", shape, self.code(op.inputs[0]), kind)

    def _constant(self, op: arith.ConstantOp) -> Code:
        match op.value:
            case FloatAttr(value=number) if isa(op.result.type, AnyFloat):
                return real(number.data, op.result.type.bitwidth)
            case IntegerAttr(value=number) if op.result.type == IntegerType(1):
                return Code(str(bool(number.data)))
            case IntegerAttr(value=number):
                return integer(number.data)
            case _:
                unsupported(op, "only scalar constants are printed")

    def _scalar(self, op: Operation) -> Code:
        if isinstance(op, arith.ConstantOp):
            return self._constant(op)
        codes = [self.code(operand) for operand in op.operands]
        if type(op) in LOGIC and op.results[0].type == IntegerType(1):
            return infix(codes[0], LOGIC[type(op)], codes[1])
        known = map(self.is_nonnegative, op.operands)
        return element_code(op, [Term(code, True, fact) for code, fact in zip(codes, known, strict=True)])

    def _size_leaf(self, leaf: Dim | SSAValue) -> Code:
        if isinstance(leaf, Dim):
            return subscript(Code(f"{self.code(leaf.value)}.shape"), [str(leaf.axis)])
        name = self.variables.name(leaf)
        if name is not None or leaf in self.fixed or not is_scalar_operation(leaf.owner):
            return self.code(leaf)
        assert isinstance(leaf.owner, Operation)
        return self._scalar(leaf.owner)
