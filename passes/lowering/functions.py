"""The entry function of a module, and what its arguments carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Block, BlockArgument
from xdsl.utils.exceptions import PassFailedException

from rlxc.passes.arguments import argument_attributes, is_private

NAME = "rlx.name"
"""The argument attribute that holds the name of an input, for callers."""

KEYS = "rlx.keys"
"""The argument attribute that marks a weight, and holds its keys."""

TABLE = "rlx.table"
"""The argument attribute that marks a rope table, and says which function it holds."""


TRANSPOSED = "rlx.transposed"
"""Marks a weight that is stored `[N, K]` while the argument is `[K, N]`."""

DIGEST = "rlx.digest"
"""The digest that the stored content of a weight must have."""

THETA = "rlx.theta"
"""The base of the frequencies of a rope table."""

ARENA = "rlx.arena"
"""Marks the memory that the caller gives for temporaries."""

PANELS = "rlx.panels"
"""Marks a weight that is packed into panels, and says how many columns each has."""

GATED = "rlx.gated"
"""Marks a packed weight that is `gate | up`, side by side: its panels hold one of each in turn."""

NUM_THREADS = "rlx.num_threads"
"""Marks the input that says how many threads run the function together."""

THREAD = "rlx.thread"
"""Marks the argument that says which of the threads runs the function, from 0."""

BARRIER = "rlx.barrier"
"""Marks the memory by which the threads wait for each other, zero at first."""


def functions_of(module: ModuleOp) -> list[FuncOp]:
    """The functions that have a body, in order."""
    return [op for op in module.body.block.ops if isinstance(op, FuncOp) and not op.is_declaration]


def entry_function(module: ModuleOp) -> FuncOp:
    """The first public function; raises PassFailedException if there is none."""
    for function in functions_of(module):
        if not is_private(function):
            return function
    raise PassFailedException("the module has no public function to lower")


def body_of(function: FuncOp) -> Block:
    """The operations of a function; raises PassFailedException if it branches."""
    if len(function.body.blocks) != 1:
        raise PassFailedException(f"@{function.sym_name.data} branches: only functions of one block can be lowered")
    return function.body.block


def set_argument_attributes(function: FuncOp, attributes: Iterable[Mapping[str, Attribute]]) -> None:
    """Replace the attributes of all arguments of a function."""
    function.arg_attrs = ArrayAttr(DictionaryAttr(dict(entry)) for entry in attributes)


def is_load_time(argument: BlockArgument) -> bool:
    """Whether an argument is a weight or a table, bound when weights are loaded, rather than an input."""
    attributes = argument_attributes(argument)
    return KEYS in attributes or TABLE in attributes
