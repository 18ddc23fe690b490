"""Assembly-format directives for clauses such as `rope(%cos, %sin)` and `k_gain(%g)`.

The types of these operands cannot be inferred from the other operands, and writing them
would drown what was fused; they are read off the (already defined) values instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from xdsl.dialects.builtin import ArrayAttr, StringAttr
from xdsl.ir import SSAValue
from xdsl.irdl import IRDLOperation
from xdsl.irdl.declarative_assembly_format import (
    AttributeVariable,
    CustomDirective,
    OperandVariable,
    OptionalOperandVariable,
    ParsingState,
    PrintingState,
    TypeDirective,
    irdl_custom_directive,
)
from xdsl.parser import Parser, UnresolvedOperand
from xdsl.printer import Printer
from xdsl.utils.hints import isa

_Defined: TypeAlias = tuple[UnresolvedOperand, SSAValue]


def parse_defined_value(parser: Parser) -> _Defined:
    """Parse the name of a value that has been defined, and look it up."""
    position = parser.pos
    operand = parser.parse_unresolved_operand()
    values = parser.ssa_values.get(operand.operand_name)
    if values is None or operand.index >= len(values):
        parser.raise_error(f"%{operand.operand_name} must be defined before it is used here", position, parser.pos)
    return operand, values[operand.index]


def _parse_pair(parser: Parser) -> tuple[_Defined, _Defined]:
    """Parse `%a, %b`."""
    first = parse_defined_value(parser)
    parser.parse_punctuation(",")
    return first, parse_defined_value(parser)


def _print_clause(printer: Printer, state: PrintingState, keyword: str, operands: Sequence[SSAValue]) -> None:
    state.print_whitespace(printer)
    printer.print_string(f"{keyword}(")
    printer.print_list(operands, printer.print_ssa_value)
    printer.print_string(")")


@irdl_custom_directive
class Clause(CustomDirective):
    """`name(%value)`, where `name` is the name of the optional operand."""

    operand: OptionalOperandVariable
    type: TypeDirective

    def parse(self, parser: Parser, state: ParsingState) -> None:
        if parser.parse_optional_keyword(self.operand.name) is None:
            self.operand.set_empty(state)
            self.type.set(state, ())
            return
        with parser.in_parens():
            operand, value = parse_defined_value(parser)
        self.operand.set(state, operand)
        self.type.set(state, (value.type,))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        if self.operand.is_present(op):
            _print_clause(printer, state, self.operand.name, [getattr(op, self.operand.name)])

    def is_present(self, op: IRDLOperation) -> bool:
        return self.operand.is_present(op)

    def is_optional_like(self) -> bool:
        return True


@irdl_custom_directive
class RopeClause(CustomDirective):
    """`rope(%cos, %sin)`: two optional operands that come together."""

    cos: OptionalOperandVariable
    sin: OptionalOperandVariable
    cos_type: TypeDirective
    sin_type: TypeDirective

    def parse(self, parser: Parser, state: ParsingState) -> None:
        if parser.parse_optional_keyword("rope") is None:
            for operand, type_ in ((self.cos, self.cos_type), (self.sin, self.sin_type)):
                operand.set_empty(state)
                type_.set(state, ())
            return
        with parser.in_parens():
            (cos, cos_value), (sin, sin_value) = _parse_pair(parser)
        self.cos.set(state, cos)
        self.sin.set(state, sin)
        self.cos_type.set(state, (cos_value.type,))
        self.sin_type.set(state, (sin_value.type,))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        tables = [value for name in ("cos", "sin") if (value := getattr(op, name)) is not None]
        if tables:
            _print_clause(printer, state, "rope", tables)

    def is_optional_like(self) -> bool:
        return True


@irdl_custom_directive
class Tables(CustomDirective):
    """`%cos, %sin` as required operands whose types are read off the values."""

    cos: OperandVariable
    sin: OperandVariable
    cos_type: TypeDirective
    sin_type: TypeDirective

    def parse(self, parser: Parser, state: ParsingState) -> None:
        (cos, cos_value), (sin, sin_value) = _parse_pair(parser)
        self.cos.set(state, cos)
        self.sin.set(state, sin)
        self.cos_type.set(state, (cos_value.type,))
        self.sin_type.set(state, (sin_value.type,))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        state.print_whitespace(printer)
        printer.print_list([self.cos.get(op), self.sin.get(op)], printer.print_ssa_value)


@irdl_custom_directive
class Keys(CustomDirective):
    """`"a", "b"`: a non-empty list of strings without brackets."""

    keys: AttributeVariable

    def parse(self, parser: Parser, state: ParsingState) -> None:
        keys = parser.parse_comma_separated_list(parser.Delimiter.NONE, parser.parse_str_literal)
        self.keys.set(state, ArrayAttr(StringAttr(key) for key in keys))

    def print(self, printer: Printer, state: PrintingState, op: IRDLOperation) -> None:
        state.print_whitespace(printer)
        keys = self.keys.get(op)
        assert isa(keys, ArrayAttr[StringAttr])
        printer.print_list(keys.data, printer.print_attribute)
