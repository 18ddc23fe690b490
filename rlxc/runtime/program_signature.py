"""The signature of a program."""

from __future__ import annotations

from xdsl.dialects.builtin import DYNAMIC_INDEX, ArrayAttr, IndexType, ModuleOp, StringAttr, TensorType
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Attribute, BlockArgument, SSAValue
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.diagnostics import RlxcError
from rlxc.dialects.rlx.base import shape_of
from rlxc.passes.arguments import argument_attributes, dim_names
from rlxc.passes.attribute_names import DIMS
from rlxc.passes.lowering.argument_names import input_names
from rlxc.passes.lowering.dims import Dim, Source, dim_source
from rlxc.passes.lowering.functions import entry_function
from rlxc.runtime.signature import InputSpec, ScalarSpec, Signature, TensorSpec

TENSOR_ELEMENTS = ("f32", "f64", "i1", "i8", "i32", "i64")
SCALARS = ("index", "i32", "i64")


def signature_of(module: ModuleOp) -> Signature:
    """The signature of the entry function of a module at the rlx level.

    Raises RlxcError if there is no such function, or if callers cannot give its inputs.
    """
    try:
        entry = entry_function(module)
        names = input_names(entry)
    except PassFailedException as error:
        raise RlxcError(str(error)) from error
    inputs = (InputSpec(name, input_type(name, arg)) for name, arg in zip(names, entry.args, strict=True))
    return Signature(entry.sym_name.data, tuple(inputs), tuple(result_types(entry)))


def input_type(name: str, argument: BlockArgument) -> TensorSpec | ScalarSpec:
    """The type of an input in a user's terms."""
    type_ = argument.type
    if isa(type_, TensorType):
        element, shape = str(type_.element_type), type_.get_shape()
        if element in TENSOR_ELEMENTS:
            return TensorSpec(element, named_shape(name, shape, argument_attributes(argument).get(DIMS)))
    elif isinstance(type_, IndexType) or str(type_) in SCALARS:
        return ScalarSpec("index" if isinstance(type_, IndexType) else str(type_))
    raise RlxcError(
        f"input '{name}' has type {type_}, which callers cannot give",
        hint=f"use tensors of {', '.join(TENSOR_ELEMENTS)}, or the scalars {', '.join(SCALARS)}",
    )


def named_shape(name: str, shape: tuple[int, ...], dims: Attribute | None) -> tuple[int | str, ...]:
    """The shape with the names that `rlx.dims` gives to its dynamic sizes, in order."""
    dynamic = sum(size == DYNAMIC_INDEX for size in shape)
    if dims is None:
        given = [""] * dynamic
    elif isa(dims, ArrayAttr[StringAttr]) and len(dims) == dynamic:
        given = [dim.data for dim in dims]
    else:
        raise RlxcError(f"input '{name}': {DIMS} = {dims}, expected {dynamic} names, one for each '?'")
    names = iter(given)
    return tuple(next(names) if size == DYNAMIC_INDEX else size for size in shape)


def result_types(entry: FuncOp) -> list[TensorSpec]:
    """The types of the results."""
    specs: list[TensorSpec] = []
    last = entry.body.blocks[-1].last_op if len(entry.body.blocks) == 1 else None
    values = last.operands if isinstance(last, ReturnOp) else None
    for number, type_ in enumerate(entry.function_type.outputs):
        if not isa(type_, TensorType):
            raise RlxcError(f"result {number} of @{entry.sym_name.data} has type {type_}, expected a tensor")
        shape = tuple("" if size == DYNAMIC_INDEX else size for size in type_.get_shape())
        specs.append(TensorSpec(str(type_.element_type), shape if values is None else sizes_of(values[number])))
    return specs


def sizes_of(value: SSAValue) -> tuple[int | str, ...]:
    """The sizes of a tensor, or the names that the inputs give to them; "" for others."""
    return tuple(size_or_name(dim_source(value, axis)) for axis in range(len(shape_of(value))))


def size_or_name(source: Source) -> int | str:
    """A size by where it comes from."""
    match source:
        case int() as size:
            return size
        case Dim(value=BlockArgument() as argument, axis=axis):
            return dim_names(argument).get(axis, "")
        case _:
            return ""
