"""Each operation on the native target, by one thread and by three, in memory that held anything before."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rlxc
from operations import OPERATIONS, VOCABULARY
from rlxc.diagnostics import parse_module
from rlxc.inspect.registry import make_context

Array = NDArray[Any]
Function = Callable[..., Any]

DYNAMIC = {name: operation for name, operation in OPERATIONS.items() if "[2,5" not in operation.arguments}
"""The operations whose arrays have any batch size and length."""

SIZES = ((2, 5), (1, 1), (3, 1), (1, 0), (0, 5), (2, 6))
TOLERANCE = {"f32": 2e-6, "f64": 1e-12}


FUNCTION = re.compile(r"func.func @main\((.*)\) -> \((.*)\) \{\n(.*)\n  func.return (.*) : ", re.DOTALL)
"""The arguments, the types of the results, the body and the results of a function."""


def program(element: str) -> str:
    """One function that does all operations, on arguments of their own."""
    arguments, types, bodies, results = zip(*(parts(name) for name in DYNAMIC), strict=True)
    text = f"func.func @all({', '.join(arguments)}) -> ({', '.join(types)}) {{\n"
    text += "\n".join(bodies) + f"\n  func.return {', '.join(results)} : {', '.join(types)}\n}}"
    return text.replace("{E}", element)


def parts(name: str) -> Sequence[str]:
    """The parts of the function of one operation, with names of its own for all values."""
    match = FUNCTION.match(re.sub(r"%(\w+)", rf"%{name}_\1", DYNAMIC[name].text({})))
    assert match
    return match.groups()


def values(element: str, batch: int, length: int) -> list[Array | int]:
    """The arguments of all operations."""
    sizes = {"B": batch, "S": length, "V": VOCABULARY}
    found = [value for operation in DYNAMIC.values() for value in operation.values(sizes)]
    kind = {"f32": np.float32, "f64": np.float64}[element]
    return [x.astype(kind) if isinstance(x, np.ndarray) and x.dtype.kind == "f" else x for x in found]


@pytest.fixture(scope="module", params=["f32", "f64"])
def compiled(request: pytest.FixtureRequest) -> tuple[str, Function, dict[int, Function]]:
    """The element type, the reference, and the native function for some numbers of threads."""
    module = parse_module(make_context(), program(request.param))
    native = {threads: rlxc.compile(module, "native", threads=threads) for threads in (1, 2, 3)}
    return request.param, rlxc.compile(module, "reference", dtype=np.float64), native


@pytest.mark.usefixtures("used_memory")
@pytest.mark.parametrize(("batch", "length"), SIZES)
def test_is_the_reference(compiled: tuple[str, Function, dict[int, Function]], batch: int, length: int) -> None:
    element, reference, native = compiled
    arguments = values(element, batch, length)
    expected, (first, *others) = reference(*arguments), (function(*arguments) for function in native.values())
    for found, wanted in zip(first, expected, strict=True):
        assert found.shape == wanted.shape
        error = np.max(np.abs(found - wanted), initial=0) / np.max(np.abs(wanted), initial=1e-30)
        assert error <= TOLERANCE[element]
    for results in others:
        for found, alone in zip(results, first, strict=True):
            np.testing.assert_array_equal(found, alone)
