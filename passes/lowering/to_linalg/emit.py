"""Replacing an operation by others that remember what they were made from."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from io import StringIO

from xdsl.builder import ImplicitBuilder
from xdsl.dialects.builtin import NameLoc, StringAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Block, Operation
from xdsl.pattern_rewriter import PatternRewriter
from xdsl.printer import Printer
from xdsl.rewriter import InsertPoint


@contextmanager
def emit_before(op: Operation, rewriter: PatternRewriter) -> Generator[None]:
    """Insert the operations that are created in the `with` block before `op`, with its location."""
    block = Block()
    with ImplicitBuilder(block):
        yield
    for created in block.walk():
        created.location = op.location
    rewriter.inline_block(block, InsertPoint.before(op))


def locate_by_text(function: FuncOp, operations: list[Operation]) -> None:
    """Give each of the operations in the function its own text as location, around the one it has.

    `%o = rlx.softcap %x {cap = 30.0 : f64} : tensor<...>` gets
    `NameLoc("%o = rlx.softcap %x {cap = 30}", loc)`. Values are named as the function is printed.
    """
    stream, wanted = StringIO(), set(operations)
    printer = Printer(stream)
    for value in function.args:
        printer.print_ssa_value(value)
    for op in function.body.walk():
        stream.seek(0)
        stream.truncate()
        if op in wanted:
            printer.print_op(op)
            op.location = NameLoc(StringAttr(_without_types(stream.getvalue())), op.location)
        else:
            for result in op.results:
                printer.print_ssa_value(result)


def _without_types(text: str) -> str:
    """An operation's text on one line, without the types, and numbers as a person writes them."""
    text = " ".join(text.split(" : tensor<", 1)[0].split())
    text = re.sub(r" : [if]\d+\b", "", text)
    return re.sub(r"-?\d\.\d+e[+-]\d+", lambda number: f"{float(number[0]):g}", text)
