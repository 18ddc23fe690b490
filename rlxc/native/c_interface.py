"""The arguments of a native function as a C program sees them: names, types, sizes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rlxc.native.c_text import TYPES, Names
from rlxc.native.signature import BARRIER_WORDS, ArrayType, Input, ScalarType, Signature


@dataclass(frozen=True)
class Variable:
    """One argument: its C name, its type, its sizes as C expressions, and whether its elements are written.

    A number that the inline functions choose has its `value`.
    """

    name: str
    type: ArrayType | ScalarType
    sizes: tuple[str, ...] = ()
    written: bool = False
    value: str = ""

    @property
    def passed(self) -> str:
        """How an exported function gets it."""
        return f"&{self.name}_memref" if isinstance(self.type, ArrayType) else self.value or self.name

    @property
    def declaration(self) -> str:
        """`const float *x`."""
        element, qualifier = TYPES[self.type.element], "" if self.written else "const "
        return f"{qualifier}{element} *{self.name}" if isinstance(self.type, ArrayType) else f"{element} {self.name}"

    @property
    def exported_declaration(self) -> str:
        """`const struct rlxc_memref_3 *x`."""
        if isinstance(self.type, ArrayType):
            return f"const struct rlxc_memref_{self.type.rank} *{self.name}"
        return f"{TYPES[self.type.element]} {self.name}"

    def descriptor(self, source: str) -> str:
        """The definition of the descriptor for the array at the pointer `source`."""
        strides = [" * ".join(self.sizes[axis + 1 :]) or "1" for axis in range(len(self.sizes))]
        axes = f", {{{', '.join(self.sizes)}}}, {{{', '.join(strides)}}}" if self.sizes else ""
        return f"struct rlxc_memref_{len(self.sizes)} {self.name}_memref = {{{source}, {source}, 0{axes}}};"


@dataclass(frozen=True)
class CInterface:
    """The variables of the inline functions of one header; no two have the same name.

    `sizes` are the names of the sizes that the inputs bring along. The sizes of a result that
    are known at run time only are elements of the array `returned`, after the status; the last
    element is the size of `arena`, if there is one. `num_threads`, `thread` and `barrier` are there if
    the function is for a team of threads; the inline functions are a team of one.
    """

    sizes: tuple[str, ...]
    inputs: tuple[Variable, ...]
    num_threads: tuple[Variable, ...]
    parameters: tuple[Variable, ...]
    results: tuple[Variable, ...]
    arena: tuple[Variable, ...]
    thread: tuple[Variable, ...]
    barrier: tuple[Variable, ...]
    returned: int

    @property
    def prepared(self) -> tuple[Variable, ...]:
        """What the exported prepare function takes, in order."""
        return (*self.inputs, *self.num_threads)

    @property
    def arguments(self) -> tuple[Variable, ...]:
        """What the exported function takes, in order."""
        return (*self.prepared, *self.parameters, *self.results, *self.arena, *self.thread, *self.barrier)

    @property
    def arrays(self) -> tuple[Variable, ...]:
        """The variables that are passed by descriptor."""
        return tuple(one for one in self.arguments if isinstance(one.type, ArrayType))


def c_interface(signature: Signature) -> CInterface:
    """Name everything that `signature` mentions."""
    names = Names(taken=("params", "status", "returned", "memory"), derived=("_memref", "_shape"))
    arena = Variable(names.identifier("arena"), ArrayType("i8", ("",)), (f"returned[{signature.returned}]",))
    num_threads, thread = (
        Variable(names.identifier(name), ScalarType("index"), value=value)
        for name, value in (("num_threads", "1"), ("thread", "0"))
    )
    barrier = Variable(names.identifier("barrier"), ArrayType("i64", (BARRIER_WORDS,)), (str(BARRIER_WORDS),))
    sizes = name_sizes(signature.inputs, names)
    return CInterface(
        tuple(sizes.values()),
        tuple(input_variable(one, sizes, names) for one in signature.inputs),
        (num_threads,) if signature.threaded else (),
        tuple(
            Variable(names.identifier(one.name), one.type, tuple(map(str, one.type.shape)))
            for one in signature.parameters
        ),
        tuple(result_variables(signature, names)),
        (arena,) if signature.arena else (),
        (thread,) if signature.threaded else (),
        (barrier,) if signature.threaded else (),
        signature.returned,
    )


def name_sizes(inputs: Iterable[Input], names: Names) -> dict[str, str]:
    """The C name of each size that is known at run time only, by its key."""
    sizes: dict[str, str] = {}
    for one in inputs:
        for axis, key in size_keys(one).items():
            if key not in sizes:
                sizes[key] = names.identifier(f"{one.name}_size{axis}" if "[" in key else key)
    return sizes


def size_keys(one: Input) -> dict[int, str]:
    """For each axis of an input whose size is an argument, the name of the size: `x[0]` if it has none."""
    if isinstance(one.type, ScalarType):
        return {}
    return {axis: str(one.type.shape[axis]) or f"{one.name}[{axis}]" for axis in one.type.dynamic_axes}


def input_variable(one: Input, sizes: dict[str, str], names: Names) -> Variable:
    """The variable of an input."""
    name = names.identifier(one.name)
    if isinstance(one.type, ScalarType):
        return Variable(name, one.type)
    keys = size_keys(one)
    shape = (sizes[keys[axis]] if axis in keys else str(size) for axis, size in enumerate(one.type.shape))
    return Variable(name, one.type, tuple(shape), written=one.donated)


def result_variables(signature: Signature, names: Names) -> Iterable[Variable]:
    """The variables of the results that no input holds."""
    returned = 0
    for index, kind in enumerate(signature.results):
        sizes = [str(size) for size in kind.shape]
        for axis in kind.dynamic_axes:
            returned += 1
            sizes[axis] = f"returned[{returned}]"
        if index in signature.holders:
            continue
        name = "result" if len(signature.results) == 1 else f"result{index}"
        yield Variable(names.identifier(name), kind, tuple(sizes), written=True)
