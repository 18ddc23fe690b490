"""Random programs compute the same numbers in memory that is shared and reused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiled_functions import CompiledFunctions
from random_programs import Program, random_program

PROGRAMS = 25
"""How many are compiled at once."""


@pytest.mark.parametrize("rows", ["4", "?"])
@pytest.mark.parametrize("arena", [True, False])
@settings(deadline=None, max_examples=2)
@given(st.data())
def test_random_programs_keep_their_values(rows: str, arena: bool, data: st.DataObject):
    programs = {f"f{n}": random_program(data.draw, f"f{n}", rows) for n in range(PROGRAMS)}
    compiled = CompiledFunctions("\n".join(program.text for program in programs.values()), arena=arena)
    for name, program in programs.items():
        check(compiled, name, program)


def check(compiled: CompiledFunctions, name: str, program: Program) -> None:
    x, y = np.arange(1, 25, dtype=np.float32).reshape(4, 6), -np.arange(8, dtype=np.float32).reshape(4, 2)
    expected = program.results(x, y)
    given_x, given_y = x.copy(), y.copy()
    for found, wanted in zip(compiled.call(name, (given_x, given_y), expected), expected, strict=True):
        assert np.array_equal(found, wanted), program.text
    assert np.array_equal(given_y, y), program.text
    assert "rlx.donated" in program.text or np.array_equal(given_x, x), program.text
