"""A module as text."""

from __future__ import annotations

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics.errors import RlxcError
from rlxc.diagnostics.text_printer import TextPrinter


def module_text(
    module: ModuleOp, context: Context | None = None, *, generic: bool = False, debuginfo: bool = False
) -> str:
    """The module in MLIR syntax, with one newline at the end.

    `generic` prints no custom syntax, `debuginfo` the locations. With `context`, resources of its
    dialects follow the module. Raises RlxcError for what xDSL can hold and not print.
    """
    printer = TextPrinter(generic=generic, debuginfo=debuginfo)
    try:
        printer.print_op(module)
        if context is not None:
            printer.print_metadata(context.loaded_dialects)
    except NotImplementedError as error:
        reason = str(error) or "it holds a number of a type that has no text form"
        raise RlxcError(f"xDSL cannot print the module: {reason}") from error
    return printer.text().rstrip("\n") + "\n"
