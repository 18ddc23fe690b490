"""The entry function of a module, and what its arguments carry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, Block, BlockArgument
from xdsl.utils.exceptions import PassFailedException

from rlxc.passes.arguments import argument_attributes, is_private
from rlxc.passes.attribute_names import KEYS, TABLE


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
