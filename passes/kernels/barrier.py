"""A barrier: a function that returns to no thread before all threads have called it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import arith, llvm, memref, scf
from xdsl.dialects.builtin import IndexType, IntegerAttr, IntegerType, MemRefType, i32, i64
from xdsl.dialects.func import CallOp, FuncOp
from xdsl.ir import Attribute, Block, Region, SSAValue

from rlxc.passes.kernels.vectors import function, when
from rlxc.passes.lowering.scalars import Scalar, constant, truth

BARRIER_FUNCTION = "rlxc_barrier"

BARRIER_TYPE: MemRefType[IntegerType] = MemRefType(i64, [16])
"""The memory of a barrier, zero at first. What is counted and what is waited for are on cache lines of their own."""

TEAM_TYPES: Mapping[str, Attribute] = MappingProxyType(
    {"thread": IndexType(), "num_threads": IndexType(), "barrier": BARRIER_TYPE}
)
"""The arguments by which a function knows the thread that runs it, how many there are, and where they meet."""

ARRIVALS, GENERATION = 0, 8
"""Elements of that memory: how many threads have arrived, and how often all of them had."""

PATIENCE = 2000
"""How often a thread looks before it lets other threads have its core: about a microsecond long."""

_ADD, _ASSIGN = 1, 2
"""Kinds of `memref.atomic_rmw`."""

_ACQUIRE = 4
"""Ordering of `llvm.load`."""

_YIELD = "sched_yield"


def barrier_functions() -> tuple[FuncOp, FuncOp]:
    """The private function `rlxc_barrier`, and the declaration of the system's function that it calls."""
    return barrier_function(), FuncOp.external(_YIELD, [], [i32])


def barrier_function() -> FuncOp:
    """`rlxc_barrier(memory, num_threads)`.

    The thread that arrives last starts a new generation, for which the others wait. All that a thread wrote
    before the barrier is seen by all threads behind it: each step on the way acquires and releases.
    It calls `sched_yield`, which has to be declared.
    """

    def body(memory: SSAValue, num_threads: SSAValue) -> None:
        place = _place_of_generation(memory)
        generation = _atomic_load(place)
        arrived = _atomic(_ADD, constant(1, i64), memory, ARRIVALS) + 1
        is_last = arrived.equals(Scalar(arith.IndexCastOp(num_threads, i64).result))
        when(is_last, lambda: _open(memory), lambda: _wait(place, generation))

    return function(BARRIER_FUNCTION, (("barrier", BARRIER_TYPE), ("num_threads", IndexType())), body)


def call_barrier(barrier: SSAValue, num_threads: SSAValue) -> CallOp:
    """A call of `rlxc_barrier`."""
    return CallOp(BARRIER_FUNCTION, [barrier, num_threads], [])


def _open(memory: SSAValue) -> None:
    """Start a new generation. The next barrier may begin at once, so the count starts anew before."""
    _atomic(_ASSIGN, constant(0, i64), memory, ARRIVALS)
    _atomic(_ADD, constant(1, i64), memory, GENERATION)


def _wait(place: SSAValue, generation: Scalar) -> None:
    """Look until the generation is another one."""

    def look(looks: Scalar) -> None:
        scf.ConditionOp(truth(_atomic_load(place).equals(generation)).value, looks.value)

    def go_on(looks: Scalar) -> None:
        when(looks > PATIENCE, _yield_core)
        scf.YieldOp((looks + 1).value)

    scf.WhileOp([constant(0, i64).value], [i64], _region(look), _region(go_on))


def _yield_core() -> None:
    CallOp(_YIELD, [], [i32])


def _region(body: Callable[[Scalar], None]) -> Region:
    block = Block(arg_types=[i64])
    with ImplicitBuilder(block) as (argument,):
        body(Scalar(argument))
    return Region(block)


def _place_of_generation(memory: SSAValue) -> SSAValue:
    start = Scalar(memref.ExtractAlignedPointerAsIndexOp.get(memory).aligned_pointer)
    address = start + GENERATION * 8
    return llvm.IntToPtrOp(arith.IndexCastOp(address.value, i64).result).output


def _atomic_load(place: SSAValue) -> Scalar:
    return Scalar(llvm.LoadOp(place, i64, alignment=8, ordering=_ACQUIRE).dereferenced_value)


def _atomic(kind: int, operand: Scalar, memory: SSAValue, element: int) -> Scalar:
    """Change an element at once, and acquire and release; what it was before."""
    index = constant(element, IndexType())
    changed = memref.AtomicRMWOp.build(
        operands=[operand.value, memory, [index.value]],
        properties={"kind": IntegerAttr(kind, i64)},
        result_types=[i64],
    )
    return Scalar(changed.result)
