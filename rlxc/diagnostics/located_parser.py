"""The xDSL parser, with a source location on every operation and errors that point at the name they are about."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from typing import Any, NoReturn

from xdsl.context import Context
from xdsl.dialects.builtin import (
    UNKNOWN_LOC,
    AnyFloat,
    ComplexType,
    FileLineColLoc,
    IndexType,
    IntAttr,
    IntegerType,
    ModuleOp,
    RankedStructure,
    StringAttr,
    UnregisteredAttr,
)
from xdsl.ir import Attribute, Data, Operation, ParametrizedAttribute, SSAValue, TypeAttribute
from xdsl.parser import Parser, ParserState, UnresolvedOperand
from xdsl.utils.exceptions import ParseError, VerifyException
from xdsl.utils.lexer import Input, Position

from rlxc.diagnostics import spelling
from rlxc.diagnostics.errors import SourceLocation
from rlxc.diagnostics.lexer import LinearLexer
from rlxc.diagnostics.suggest import did_you_mean

MAX_SIZE = 2**63 - 1
"""The largest size of a dimension."""

MAX_DENSE_ELEMENTS = 2**26
"""Longest dense literal, in elements. A splat names its shape in a few characters and is stored in full."""


class LocatedParser(Parser):
    """Gives each operation without a `loc(...)` of its own the place of its first token."""

    def __init__(self, context: Context, text: str, name: str) -> None:
        super().__init__(context, "", name)
        self._parser_state = ParserState(LinearLexer(Input(text, name)))
        self._line_starts = [0, *(newline.end() for newline in re.finditer("\n", text))]
        self._forward_uses: dict[str, tuple[Position, dict[str, tuple[SSAValue, ...]]]] = {}

    def place(self, position: Position) -> SourceLocation:
        """The file, line and column of a position in the text."""
        line = bisect_right(self._line_starts, position) - 1
        return SourceLocation(self.lexer.input.name, line + 1, position - self._line_starts[line] + 1)

    def parse_module(self, allow_implicit_module: bool = True) -> ModuleOp:
        """Parse the whole text; a value that is used and never defined is reported at its first use."""
        try:
            module = super().parse_module(allow_implicit_module)
        except ParseError as error:
            if error.msg.startswith("values used but not defined"):
                self._raise_undefined_value()
            raise
        self._locate(module, 0)
        return module

    def parse_operation(self) -> Operation:
        """Parse an operation and give it a location."""
        start = self.pos
        try:
            op = super().parse_operation()
        except VerifyException as error:
            self.raise_error(f"an attribute or type does not fit this operation: {error}", start)
        self._locate(op, start)
        return op

    def parse_type(self) -> TypeAttribute:
        """Parse a type, and name what stands there if it is none."""
        parsed = self.parse_optional_type()
        if parsed is None:
            word = self._current_token.text
            self.raise_error(f"expected a type{did_you_mean(word, spelling.BUILTIN_TYPES)}")
        return parsed

    def parse_shape_dimension(self, allow_dynamic: bool = True) -> int:
        """Parse one size of a shape, which has to fit in 64 bits."""
        start = self.pos
        size = super().parse_shape_dimension(allow_dynamic)
        if size > MAX_SIZE:
            self.raise_error("a dimension is too large: sizes have 64 bits", start)
        return size

    def resolve_operand(self, operand: UnresolvedOperand, type: Attribute) -> SSAValue:
        """Resolve an operand; remember where a value is used ahead of its definition, and the names around it."""
        name = operand.operand_name
        if name not in self.ssa_values:
            self._forward_uses.setdefault(name, (operand.span.start, self.ssa_values))
        return super().resolve_operand(operand, type)

    def _locate(self, op: Operation, position: Position) -> None:
        if op.location == UNKNOWN_LOC:
            file, line, column = self.place(position)
            op.location = FileLineColLoc(StringAttr(file), IntAttr(line), IntAttr(column))

    def _raise_undefined_value(self) -> NoReturn:
        name = next(iter(self.forward_ssa_references))
        position, visible = self._forward_uses.get(name, (self.pos, self.ssa_values))
        near = did_you_mean(f"%{name}", (f"%{other}" for other in visible))
        self.raise_error(f"'%{name}' is used but not defined{near}", position)

    def _get_op_by_name(self, name: str) -> type[Operation]:
        dialects = self._parser_state.dialect_stack
        known = self.ctx.get_optional_op(name, dialect_stack=dialects)
        if known is None:
            near = spelling.near_operation(name, self.ctx, dialects)
            self.raise_error(f"unknown operation '{name}'{near}", self._start_of(name))
        return known

    def _parse_dialect_type_or_attribute_body(
        self, attr_name: str, is_type: bool, is_opaque: bool, starting_opaque_pos: Position | None
    ) -> UnregisteredAttr | ParametrizedAttribute | Data[Any]:
        start = self._start_of(attr_name)
        find = self.ctx.get_optional_type if is_type else self.ctx.get_optional_attr
        if (known := find(attr_name)) is None:
            kind, near = spelling.near_attribute(attr_name, self.ctx, is_type)
            self.raise_error(f"unknown {kind} '{attr_name}'{near}", start)
        try:
            return super()._parse_dialect_type_or_attribute_body(attr_name, is_type, is_opaque, starting_opaque_pos)
        except VerifyException as error:
            self.raise_error(f"'{attr_name}': {error}", start)
        except ValueError as error:
            self.raise_error(f"'{attr_name}'{parameters_of(known)}: {error}", start)

    def _parse_dense_literal_type(self) -> RankedStructure[IntegerType | IndexType | AnyFloat | ComplexType]:
        start = self.pos
        parsed = super()._parse_dense_literal_type()
        if (size := math.prod(parsed.get_shape())) > MAX_DENSE_ELEMENTS:
            self.raise_error(f"a dense literal of {size} elements; at most {MAX_DENSE_ELEMENTS} are supported", start)
        return parsed

    def _start_of(self, name: str) -> Position:
        """Where the token stands that ended just before the current one."""
        return max(self.lexer.input.content.rfind(name, 0, self.pos), 0)


def parameters_of(definition: type[Attribute]) -> str:
    """The parameters that an attribute takes, as text to append to its name."""
    if not issubclass(definition, ParametrizedAttribute):
        return ""
    names = ", ".join(name for name, _ in definition.get_irdl_definition().parameters)
    return f" takes the parameters <{names}>"
