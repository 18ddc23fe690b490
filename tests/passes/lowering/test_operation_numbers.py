"""Each operation at the linalg level computes what the reference says, with dynamic and with static sizes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from operations import OPERATIONS, VOCABULARY

SIZES = [{"B": 2, "S": 5}, {"B": 1, "S": 1}, {"B": 3, "S": 1}, {"B": 1, "S": 0}]
TOLERANCE = {"f32": 2e-6, "f64": 1e-12}


@pytest.fixture(scope="module", params=["f32", "f64"])
def outcomes(request: pytest.FixtureRequest, run_cases: Callable[..., Any]) -> tuple[float, Any]:
    """The tolerance of an element type, and what became of each case in it."""
    cases = {}
    for name, operation in OPERATIONS.items():
        cases[name] = operation.text({}), [operation.values({**sizes, "V": VOCABULARY}) for sizes in SIZES]
        static = {**SIZES[0], "V": VOCABULARY}
        cases[f"{name}_static"] = operation.text(static), [operation.values(static)]
    return TOLERANCE[request.param], run_cases(cases, request.param)


@pytest.mark.parametrize("sizes", ["", "_static"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_is_the_reference(name: str, sizes: str, outcomes: tuple[float, Any]) -> None:
    tolerance, by_name = outcomes
    assert by_name[name + sizes].error() <= tolerance
