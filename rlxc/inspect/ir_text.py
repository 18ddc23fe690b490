"""A module as text."""

from __future__ import annotations

from io import StringIO

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.printer import Printer

from rlxc.diagnostics.errors import RlxcError


def module_text(
    module: ModuleOp, context: Context | None = None, *, generic: bool = False, debuginfo: bool = False
) -> str:
    """The module in MLIR syntax, with one newline at the end.

    `generic` prints no custom syntax, `debuginfo` the locations. With `context`, resources of its
    dialects follow the module. Raises RlxcError for what xDSL can hold and not print.
    """
    stream = StringIO()
    printer = Printer(stream=stream, print_generic_format=generic, print_debuginfo=debuginfo)
    try:
        printer.print_op(module)
        if context is not None:
            printer.print_metadata(context.loaded_dialects)
    except NotImplementedError as error:
        reason = str(error) or "it holds a number of a type that has no text form"
        raise RlxcError(f"xDSL cannot print the module: {reason}") from error
    return stream.getvalue().rstrip("\n") + "\n"
