"""What a native function takes and gives, read from its bufferized module."""

from __future__ import annotations

from dataclasses import dataclass
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
    UnitAttr,
)
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, BlockArgument
from xdsl.utils.hints import isa

from rlxc.diagnostics import RlxcError
from rlxc.passes.attribute_names import (
    ARENA,
    BARRIER,
    CHECKS,
    DIMS,
    DONATED,
    ELEMENT,
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

C_INTERFACE = "_mlir_ciface_"
"""The prefix that MLIR gives to the entry points with one pointer per memref."""

PREPARE = "_prepare"
"""Suffix of the function that checks the inputs and computes the sizes of the results."""

ARENA_ALIGNMENT = 64

BARRIER_WORDS = 16
"""The 64-bit words of a barrier. They are zero before its first use."""

SHARE_WORK = "run rlx-share-work"

ELEMENTS = ("f32", "f64", "i1", "i8", "i32", "i64", "index")


@dataclass(frozen=True)
class ArrayType:
    """A contiguous array in row-major order; an element of type `index` has 64 bits.

    `shape` holds a size, or the name of a size known at run time only: arrays of one function
    agree on the sizes of equal names. A size without a name has the name "".
    """

    element: str
    shape: tuple[int | str, ...]

    @property
    def rank(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def dynamic_axes(self) -> tuple[int, ...]:
        """The axes whose size is known at run time only."""
        return tuple(axis for axis, size in enumerate(self.shape) if isinstance(size, str))

    def __str__(self) -> str:
        return f"{self.element}[{', '.join(str(size) or '?' for size in self.shape)}]"


@dataclass(frozen=True)
class ScalarType:
    """A number passed by value."""

    element: str

    def __str__(self) -> str:
        return self.element


@dataclass(frozen=True)
class Input:
    """One argument of each call."""

    name: str
    type: ArrayType | ScalarType
    donated: bool = False
    """Whether the function may write into the array."""


@dataclass(frozen=True)
class Weight:
    """A parameter that is stored: one tensor, or several that are concatenated on the last axis of the value.

    With `transposed` each stored tensor is `[N, K]` and the value `[K, N]`.
    """

    keys: tuple[str, ...]
    transposed: bool


@dataclass(frozen=True)
class RopeTable:
    """A parameter that is computed: `function(p * theta ** (-i / R))` as `[P, R]`, `function` being cos or sin."""

    function: str
    theta: float


@dataclass(frozen=True)
class Panels:
    """How a weight is packed: the columns of the value `[K, N]` in groups of `width`, as `[ceil(N / width), K, width]`.

    `panel[p, k, w] = value[k, p * width + w]`, zero where there is no such column. If `gated`, the
    value is `[K, 2 N]`, two matrices side by side, whose panels alternate.
    """

    width: int
    gated: bool = False


@dataclass(frozen=True)
class Parameter:
    """One argument that stays the same from call to call."""

    name: str
    type: ArrayType
    origin: Weight | RopeTable
    panels: Panels | None = None
    """How the value is packed; without it, the argument is the value itself."""


@dataclass(frozen=True)
class Signature:
    """The arguments of the native function `name`, in order: inputs, parameters, results, the arena if it has one.

    `name_prepare` takes the inputs and returns the status, the sizes of the results that are known
    at run time only, and the bytes of the arena. `checks[i]` is the message of the condition that
    failed when the status is `i + 1`.

    A `threaded` function is called by all threads of a team at once, with the same arguments. It takes
    the number of threads after the inputs, as does `name_prepare`, and two arguments more at the end:
    the number of the calling thread, and the barrier. The results are complete when the call of
    thread 0 returns; the barrier then serves the next call, with the same number of threads.

    A `profiled` function is threaded, and takes memory for the times that the threads note before these two.
    """

    name: str
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    results: tuple[ArrayType, ...]
    checks: tuple[str, ...]
    arena: bool = False
    """Whether the caller gives memory for temporaries, aligned to `ARENA_ALIGNMENT` bytes."""
    threaded: bool = False
    profiled: bool = False

    @property
    def returned(self) -> int:
        """How many numbers `name_prepare` returns after the status."""
        return sum(len(result.dynamic_axes) for result in self.results) + self.arena

    @property
    def symbols(self) -> tuple[str, str]:
        """The exported names of the function and of its prepare function."""
        return f"{C_INTERFACE}{self.name}", f"{C_INTERFACE}{self.name}{PREPARE}"

    @property
    def thread_symbol(self) -> str:
        """The name of the function that the threads of a team call, if the function is `threaded`."""
        return f"{C_INTERFACE}{self.name}_on_thread"


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
    return Signature(
        entry.sym_name.data,
        tuple(Input(argument_name(*item), argument_type(*item), item[1].get(DONATED) == UnitAttr()) for item in inputs),
        tuple(parameter(*item) for item in rest if is_parameter(item[1])),
        tuple(array_type(*item) for item in rest if is_result(item[1])),
        strings(prepare.attributes.get(CHECKS)),
        arena=any(ARENA in attributes for _, attributes in rest),
        threaded=is_threaded(arguments),
        profiled=any(PROFILE in attributes for _, attributes in rest),
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
    names = iter(strings(attributes.get(DIMS)))
    shape = tuple(next(names, "") if size == DYNAMIC_INDEX else size for size in argument.type.get_shape())
    element = attributes.get(ELEMENT, argument.type.element_type)
    return ArrayType(element_name(element, argument), shape)


def element_name(element: Attribute, argument: BlockArgument) -> str:
    """`f32` for the type f32."""
    name = "index" if isinstance(element, IndexType) else str(element)
    if name not in ELEMENTS:
        raise RlxcError(f"argument {argument.index} has elements of type {name}, expected {', '.join(ELEMENTS)}")
    return name


def parameter(argument: BlockArgument, attributes: dict[str, Attribute]) -> Parameter:
    """A parameter, where it comes from, and how it is packed."""
    name, kind = argument_name(argument, attributes), array_type(argument, attributes)
    return Parameter(name, kind, origin(attributes), panels(attributes))


def panels(attributes: dict[str, Attribute]) -> Panels | None:
    """How a parameter is packed."""
    match attributes.get(PANELS):
        case IntegerAttr() as width:
            return Panels(width.value.data, gated=GATED in attributes)
        case _:
            return None


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
