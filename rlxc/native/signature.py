"""What a native function takes and gives."""

from __future__ import annotations

from dataclasses import dataclass

C_INTERFACE = "_mlir_ciface_"
"""The prefix that MLIR gives to the entry points with one pointer per memref."""

PREPARE = "_prepare"
"""Suffix of the function that checks the inputs and computes the sizes of the results."""

ARENA_ALIGNMENT = 64

BARRIER_WORDS = 16
"""The 64-bit words of a barrier. They are zero before its first use."""


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
    holds: int | None = None
    """The number of the result that lies in the array, if it is donated and one does."""


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
    value is `[K, 2 N]`, two matrices side by side, whose panels alternate. With several `experts`, the value holds
    as many of these side by side, and their panels follow each other.
    """

    width: int
    gated: bool = False
    experts: int = 1


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

    A result that an input `holds` has no argument of its own: the function leaves it in the array of the input.
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
    def holders(self) -> dict[int, int]:
        """The number of the input that holds a result, by the number of the result."""
        return {one.holds: number for number, one in enumerate(self.inputs) if one.holds is not None}

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
