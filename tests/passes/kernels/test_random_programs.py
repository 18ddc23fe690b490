"""Random programs compute the same numbers when threads share their work."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp

from compiled_functions import parse
from random_programs import Program, random_program
from rlxc.passes.arguments import held_result
from rlxc.passes.kernels.barrier import barrier_functions
from rlxc.passes.kernels.convert_rlx_to_kernel import add_num_threads
from rlxc.passes.kernels.share_work import share_work
from rlxc.passes.lowering.arena_to_arg import find_arena, take_argument
from rlxc.passes.lowering.bufferize import RlxBufferizePass
from rlxc.passes.lowering.functions import functions_of
from threaded_functions import ThreadedFunctions

PROGRAMS = 15
"""How many are compiled at once."""


@pytest.mark.parametrize("rows", ["4", "?"])
@settings(deadline=None, max_examples=2)
@given(st.data())
def test_random_programs_keep_their_values(rows: str, data: st.DataObject):
    programs = {f"f{n}": random_program(data.draw, f"f{n}", rows) for n in range(PROGRAMS)}
    module = shared("\n".join(program.text for program in programs.values()))
    compiled, functions = ThreadedFunctions(module, optimization_level=1), functions_of(module)
    for program, function in zip(programs.values(), functions, strict=False):
        for num_threads in (1, 3):
            check(compiled, function, program, num_threads)


def shared(text: str) -> ModuleOp:
    """The functions of a module at the linalg level, each for a team of threads."""
    module = parse(text)
    for function in functions_of(module):
        add_num_threads(function)
    RlxBufferizePass().apply(Context(), module)
    for function in functions_of(module):
        take_arena(function)
        share_work(function)
    module.body.block.add_ops(barrier_functions())
    module.verify()
    return module


def take_arena(function: FuncOp) -> None:
    if (arena := find_arena(function)) is not None:
        take_argument(function, arena)


def check(compiled: ThreadedFunctions, function: FuncOp, program: Program, num_threads: int) -> None:
    x, y = np.arange(1, 25, dtype=np.float32).reshape(4, 6), -np.arange(8, dtype=np.float32).reshape(4, 2)
    expected = program.results(x, y)
    given_x, given_y = x.copy(), y.copy()
    held = held_result(function.args[0])
    results = [given_x if number == held else np.full_like(one, np.nan) for number, one in enumerate(expected)]
    own = [one for one in results if one is not given_x]
    arena = [np.zeros(1 << 16, np.int8)] if "rlx.arena" in str(function.arg_attrs) else []
    barrier = np.zeros(16, np.int64)
    common = [given_x, given_y, num_threads, *own, *arena]
    compiled.call(function.sym_name.data, [(*common, thread, barrier) for thread in range(num_threads)])
    for found, wanted in zip(results, expected, strict=True):
        assert np.array_equal(found, wanted), f"{num_threads} threads: {program.text}"
    assert np.array_equal(given_y, y), program.text
    assert "rlx.donated" in program.text or np.array_equal(given_x, x), program.text
