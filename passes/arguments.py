"""What a function says to its callers at all levels: whether it has any outside, and what sizes its arguments have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from xdsl.dialects.builtin import DYNAMIC_INDEX, ArrayAttr, IntegerAttr, MemRefType, StringAttr, TensorType, UnitAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, BlockArgument
from xdsl.utils.hints import isa

from rlxc.passes.attribute_names import DIMS, DONATED, HOLDS_RESULT


def is_private(function: FuncOp) -> bool:
    """Whether only functions of the module can call it."""
    return function.sym_visibility is not None and function.sym_visibility.data == "private"


def argument_attributes(argument: BlockArgument) -> Mapping[str, Attribute]:
    """The attributes of a function argument; empty for those of other blocks."""
    function = argument.block.parent_op()
    if not isinstance(function, FuncOp) or function.arg_attrs is None:
        return {}
    return function.arg_attrs.data[argument.index].data


def is_donated(argument: BlockArgument) -> bool:
    """Whether the function may overwrite an argument."""
    return argument_attributes(argument).get(DONATED) == UnitAttr()


def dim_names(argument: BlockArgument) -> Mapping[int, str]:
    """The names that `rlx.dims` gives to the dynamic axes of an argument, by axis."""
    return _named_axes(argument.type, argument_attributes(argument).get(DIMS))


@lru_cache(maxsize=1024)
def _named_axes(kind: Attribute, names: Attribute | None) -> Mapping[int, str]:
    """The names of the dynamic axes of a type. All layers of a model ask for those of the same few types."""
    if not isinstance(kind, TensorType | MemRefType) or not isa(names, ArrayAttr[StringAttr]):
        return {}
    dynamic = [axis for axis, size in enumerate(kind.get_shape()) if size == DYNAMIC_INDEX]
    return dict(zip(dynamic, (name.data for name in names), strict=False))


def first_of_same_size(argument: BlockArgument, axis: int) -> tuple[BlockArgument, int]:
    """The first axis of an argument of the function with the declared name of this one; itself if it has no name."""
    name = dim_names(argument).get(axis)
    if name is None:
        return argument, axis
    return next(
        (earlier, other)
        for earlier in argument.block.args
        for other, other_name in dim_names(earlier).items()
        if other_name == name
    )


def held_result(argument: BlockArgument) -> int | None:
    """The number of the result that lies in the memory of an argument when a function on memrefs returns."""
    match argument_attributes(argument).get(HOLDS_RESULT):
        case IntegerAttr() as number:
            return number.value.data
        case _:
            return None


def result_arguments(inputs: Iterable[BlockArgument], own: Iterable[BlockArgument]) -> list[BlockArgument]:
    """The argument where each result of a function on memrefs lies: an input that holds it, or the next of its own."""
    held = {number: argument for argument in inputs if (number := held_result(argument)) is not None}
    results = list(own)
    for number in sorted(held):
        results.insert(number, held[number])
    return results
