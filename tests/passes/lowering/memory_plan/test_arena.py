"""The arena as it is computed at run time: buffers that are alive together never overlap, whatever the sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import prod

from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects import memref
from xdsl.dialects.func import FuncOp

from compiled_functions import parse
from index_values import index_value
from rlxc.passes.lowering.memory_plan import plan_memory
from rlxc.passes.lowering.memory_plan.arena import allocate_arena


@dataclass(frozen=True)
class Program:
    """A function that fills buffers of bytes in some order. Their axes are arguments `a`, `b`, `c`, or numbers."""

    axes: Sequence[Sequence[str]]
    fills: Sequence[int]

    def function(self) -> FuncOp:
        kinds = ["x".join("?" if axis in "abc" else axis for axis in axes) for axes in self.axes]
        lines = [
            f"%t{n} = memref.alloc({', '.join(f'%{axis}' for axis in axes if axis in 'abc')}) : memref<{kinds[n]}xi8>"
            for n, axes in enumerate(self.axes)
        ]
        lines += [f"linalg.fill ins(%x : i8) outs(%t{n} : memref<{kinds[n]}xi8>)" for n in self.fills]
        body = "\n".join(lines)
        module = parse(f"func.func @f(%x: i8, %a: index, %b: index, %c: index) {{\n{body}\nfunc.return\n}}")
        return next(op for op in module.walk() if isinstance(op, FuncOp))

    def sizes(self, dims: dict[str, int]) -> list[int]:
        return [prod(dims[axis] if axis in dims else int(axis) for axis in axes) for axes in self.axes]

    @cached_property
    def times(self) -> dict[int, tuple[int, int]]:
        """When each buffer that is used is filled for the first and for the last time."""
        last = len(self.fills) - 1
        return {n: (self.fills.index(n), last - self.fills[::-1].index(n)) for n in set(self.fills)}


AXES = st.lists(st.sampled_from(["a", "b", "c", "3", "64", "100"]), min_size=1, max_size=3)
PROGRAMS = st.lists(AXES, min_size=1, max_size=10).flatmap(
    lambda axes: st.builds(Program, st.just(axes), st.lists(st.integers(0, len(axes) - 1), max_size=25))
)
DIMS = st.fixed_dictionaries({name: st.integers(0, 90) for name in "abc"})


@given(PROGRAMS, DIMS)
def test_buffers_alive_together_do_not_overlap(program: Program, dims: dict[str, int]):
    function, sizes = program.function(), program.sizes(dims)
    plan = plan_memory(function)
    allocate_arena(function, plan)
    (arena,) = (op for op in function.walk() if isinstance(op, memref.AllocOp))
    views = {op.result.name_hint: op for op in function.walk() if isinstance(op, memref.ViewOp)}
    starts = [index_value(views[f"t{n}"].byte_shift, dims) for n in range(len(sizes))]
    ends = [start + size for start, size in zip(starts, sizes, strict=True)]
    assert index_value(arena.dynamic_sizes[0], dims) == plan.arena_bytes(dims) >= max(ends)
    assert all(start % 64 == 0 for start in starts)
    for (m, (first, last)), (n, (start, end)) in combinations(program.times.items(), 2):
        assert last < start or end < first or ends[m] <= starts[n] or ends[n] <= starts[m]


@given(PROGRAMS, DIMS)
def test_the_plan_knows_what_is_alive(program: Program, dims: dict[str, int]):
    used, sizes = sorted(program.times), program.sizes(dims)
    only = Program([program.axes[n] for n in used], [used.index(n) for n in program.fills])
    alive = [
        sum(sizes[n] for n, (first, last) in program.times.items() if first <= time <= last)
        for time in range(len(program.fills))
    ]
    assert max(alive, default=0) == plan_memory(only.function()).live_bytes(dims)
