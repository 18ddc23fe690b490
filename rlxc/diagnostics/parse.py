"""MLIR text to a verified module, or an RlxcError that says where the text is wrong."""

from __future__ import annotations

import struct

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.exceptions import MultipleSpansParseError, ParseError, VerifyException

from rlxc.diagnostics.errors import RlxcError, SourceLocation
from rlxc.diagnostics.located_parser import LocatedParser
from rlxc.diagnostics.verify import verify_module

FAILURES: dict[type[Exception], str] = {
    VerifyException: "{}",
    RecursionError: "the text is nested too deeply here",
    MemoryError: "a literal is too large for the memory of this machine",
    NotImplementedError: "xDSL does not support this: {}",
    OverflowError: "a number is out of range here: {}",
    struct.error: "a number is out of range here: {}",
    IndexError: "operands, types or dimensions are missing here",
    KeyError: "the name {} is not expected here",
    AssertionError: "unexpected text here",
    ValueError: "{}",
}
"""What xDSL 0.74's parsers raise on malformed text besides ParseError, and what it means to the user."""

REWORDED = {
    "Could not parse entire input!": "expected an operation",
    "Expected shape type.": "expected an element type",
    "Expected suffix identifier after {first_char}": "expected a name after '%', '^', '#' or '!'",
    " in block definition": "expected an operation, a block or '}'",
}
"""Messages of xDSL that need other words."""

REWORDED_AT_END = {"expected an operation": "the input holds no operation"}
"""Messages that mean something else at the end of the text."""


def parse_module(context: Context, text: str, name: str = "<text>", *, verify: bool = True) -> ModuleOp:
    """The module that `text` holds; operations get locations in the file called `name`.

    Raises RlxcError with the place, and a suggestion where a name is misspelt, if the text is
    not well-formed or an operation does not verify.
    """
    try:
        module = _parse(context, text, name)
        if verify:
            verify_module(module)
    except RlxcError as error:
        error.quote(text, name)
        raise
    return module


def _parse(context: Context, text: str, name: str) -> ModuleOp:
    try:
        parser = LocatedParser(context, text, name)
    except ParseError as error:
        raise syntax_error(error, text) from error
    try:
        return parser.parse_module()
    except ParseError as error:
        raise syntax_error(error, text) from error
    except tuple(FAILURES) as error:
        raise RlxcError(explain(error), location=parser.place(parser.pos)) from error


def syntax_error(error: ParseError, text: str) -> RlxcError:
    """The report of a ParseError. At the end of the text, the place is just behind the last token."""
    if isinstance(error, MultipleSpansParseError):
        return related_error(error)
    file, line, column = error.span.get_location()
    message = REWORDED.get(error.msg, error.msg)
    end = text.rstrip()
    if error.span.start >= len(end):
        line, column = end.count("\n") + 1, len(end) - (end.rfind("\n") + 1) + 1
        message = REWORDED_AT_END.get(message, message)
    return RlxcError(message, location=SourceLocation(file, line, column))


def related_error(error: MultipleSpansParseError) -> RlxcError:
    """The report of a ParseError about two places: a block without definition, or a second definition."""
    other, _ = error.refs[0]
    if error.msg.startswith("region ends with missing block declarations"):
        return RlxcError(
            f"the block '{other.text}' is used but not defined", location=SourceLocation(*other.get_location())
        )
    hint = f"{error.ref_text} {other.get_location()}"
    return RlxcError(error.msg, location=SourceLocation(*error.span.get_location()), hint=hint)


def explain(error: Exception) -> str:
    """What an exception of xDSL's parsers says about the text."""
    template = next(text for kind, text in FAILURES.items() if isinstance(error, kind))
    detail = " ".join(str(error).split()).removesuffix("; use sys.set_int_max_str_digits() to increase the limit")
    return template.format(detail).removesuffix(": ")
