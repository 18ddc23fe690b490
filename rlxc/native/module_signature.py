"""The signature of a native function, read from its bufferized module."""

from __future__ import annotations

from typing import TypeAlias

from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    ArrayAttr,
    DictionaryAttr,
    FloatAttr,
    IndexType,
    IntegerAttr,
    MemRefType,
    ModuleOp,
    NoneAttr,
    StringAttr,
    TensorType,
    UnitAttr,
)
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, BlockArgument
from xdsl.utils.hints import isa

from rlxc.diagnostics import RlxcError
from rlxc.native.signature import (
    PREPARE,
    ArrayType,
    Input,
    Panels,
    Parameter,
    RopeTable,
    ScalarType,
    Signature,
    Weight,
)
from rlxc.passes.arguments import held_result, result_arguments
from rlxc.passes.attribute_names import (
    ARENA,
    BARRIER,
    CHECKS,
    DIMS,
    DONATED,
    ELEMENT,
    EXPERTS,
    GATED,
    KEYS,
    NAME,
    NUM_THREADS,
    PANELS,
    PROFILE,
    TABLE,
    THETA,
    THREAD,
    TRANSPOSED,
)
from rlxc.passes.lowering.functions import entry_function

SHARE_WORK = "run rlx-share-work"

ELEMENTS = ("f32", "f64", "i1", "i8", "i32", "i64", "index")


Arguments: TypeAlias = "list[tuple[BlockArgument, dict[str, Attribute]]]"


def read_signature(module: ModuleOp) -> Signature:
    """The signature of the entry function of a module after `rlx-bufferize`."""
    functions = {op.sym_name.data: op for op in module.ops if isinstance(op, FuncOp)}
    entry = next((op for name, op in functions.items() if f"{name}{PREPARE}" in functions), None)
    if entry is None:
        raise RlxcError("the module has no entry function with its '_prepare' function", hint="run rlx-bufferize")
    if entry.function_type.outputs.data:
        raise RlxcError(f"'{entry.sym_name.data}' returns numbers: only arrays can be results of native code")
    prepare = functions[entry.sym_name.data + PREPARE]
    arguments = described_arguments(entry)
    inputs = [item for item in arguments[: len(prepare.args)] if NUM_THREADS not in item[1]]
    rest = arguments[len(prepare.args) :]
    own = [argument for argument, attributes in rest if is_result(attributes)]
    results = result_arguments([argument for argument, _ in inputs], own)
    return Signature(
        entry.sym_name.data,
        tuple(input_of(*item) for item in inputs),
        tuple(parameter(*item, array_type(*item)) for item in rest if is_parameter(item[1])),
        tuple(array_type(*arguments[result.index]) for result in results),
        strings(prepare.attributes.get(CHECKS)),
        arena=any(ARENA in attributes for _, attributes in rest),
        threaded=is_threaded(arguments),
        profiled=any(PROFILE in attributes for _, attributes in rest),
    )


def read_parameters(module: ModuleOp) -> tuple[Parameter, ...]:
    """The parameters that the signature will have, from a module after `convert-rlx-to-kernel`."""
    arguments = described_arguments(entry_function(module))
    return tuple(
        parameter(argument, attributes, shaped_type(argument, argument.type, attributes))
        for argument, attributes in arguments
        if is_parameter(attributes) and isa(argument.type, TensorType)
    )


def is_threaded(arguments: Arguments) -> bool:
    """Whether the function is for a team of threads. Raises RlxcError if it has only some of the arguments for one."""
    names = (NUM_THREADS, THREAD, BARRIER)
    missing = [name for name in names if not any(name in attributes for _, attributes in arguments)]
    if 0 < len(missing) < len(names):
        raise RlxcError(f"the entry function shares its work, but has no argument {missing[0]}", hint=SHARE_WORK)
    return not missing


def described_arguments(function: FuncOp) -> Arguments:
    """Each argument with its attributes."""
    attributes = function.arg_attrs.data if function.arg_attrs else [DictionaryAttr({})] * len(function.args)
    return [(argument, dict(one.data)) for argument, one in zip(function.args, attributes, strict=True)]


def is_parameter(attributes: dict[str, Attribute]) -> bool:
    """Whether an argument is made when weights are loaded."""
    return KEYS in attributes or TABLE in attributes


def is_result(attributes: dict[str, Attribute]) -> bool:
    """Whether an argument after the inputs is written as a result."""
    return not is_parameter(attributes) and attributes.keys().isdisjoint((ARENA, PROFILE, THREAD, BARRIER))


def input_of(argument: BlockArgument, attributes: dict[str, Attribute]) -> Input:
    """An argument of each call."""
    name, kind = argument_name(argument, attributes), argument_type(argument, attributes)
    return Input(name, kind, attributes.get(DONATED) == UnitAttr(), held_result(argument))


def argument_name(argument: BlockArgument, attributes: dict[str, Attribute]) -> str:
    """The name of an argument in the user's words."""
    match attributes.get(NAME):
        case StringAttr(data=name):
            return name
        case _:
            return argument.name_hint or f"arg{argument.index}"


def argument_type(argument: BlockArgument, attributes: dict[str, Attribute]) -> ArrayType | ScalarType:
    """The type of an input."""
    if isinstance(argument.type, MemRefType):
        return array_type(argument, attributes)
    return ScalarType(element_name(argument.type, argument))


def array_type(argument: BlockArgument, attributes: dict[str, Attribute]) -> ArrayType:
    """The type of an array argument; `rlx.element` tells what bytes stand for, if not for numbers."""
    if not isa(argument.type, MemRefType) or not isinstance(argument.type.layout, NoneAttr):
        raise RlxcError(f"argument {argument.index} has type {argument.type}, expected a contiguous memref")
    return shaped_type(argument, argument.type, attributes)


def shaped_type(
    argument: BlockArgument, kind: MemRefType | TensorType[Attribute], attributes: dict[str, Attribute]
) -> ArrayType:
    """The type of an array argument of type `kind`."""
    names = iter(strings(attributes.get(DIMS)))
    shape = tuple(next(names, "") if size == DYNAMIC_INDEX else size for size in kind.get_shape())
    element = attributes.get(ELEMENT, kind.element_type)
    return ArrayType(element_name(element, argument), shape)


def element_name(element: Attribute, argument: BlockArgument) -> str:
    """`f32` for the type f32."""
    name = "index" if isinstance(element, IndexType) else str(element)
    if name not in ELEMENTS:
        raise RlxcError(f"argument {argument.index} has elements of type {name}, expected {', '.join(ELEMENTS)}")
    return name


def parameter(argument: BlockArgument, attributes: dict[str, Attribute], kind: ArrayType) -> Parameter:
    """A parameter, where it comes from, and how it is packed."""
    return Parameter(argument_name(argument, attributes), kind, origin(attributes), panels(attributes))


def panels(attributes: dict[str, Attribute]) -> Panels | None:
    """How a parameter is packed."""
    match attributes.get(PANELS):
        case IntegerAttr() as width:
            return Panels(width.value.data, GATED in attributes, experts(attributes))
        case _:
            return None


def experts(attributes: dict[str, Attribute]) -> int:
    """How many experts a packed parameter is for."""
    match attributes.get(EXPERTS):
        case IntegerAttr() as number:
            return number.value.data
        case _:
            return 1


def origin(attributes: dict[str, Attribute]) -> Weight | RopeTable:
    """Where a parameter comes from."""
    match attributes.get(TABLE), attributes.get(THETA):
        case StringAttr(data=function), FloatAttr(value=theta):
            return RopeTable(function, theta.data)
        case _:
            return Weight(strings(attributes.get(KEYS)), TRANSPOSED in attributes)


def strings(attribute: Attribute | None) -> tuple[str, ...]:
    """The strings of an array attribute."""
    if not isa(attribute, ArrayAttr[StringAttr]):
        return ()
    return tuple(item.data for item in attribute)
