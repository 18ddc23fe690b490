"""The parameters of a native function: what is loaded, packed, shared and released."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from rlxc import ModelFlow, RlxcError
from rlxc.native.signature import ArrayType, Panels, Parameter, RopeTable, Weight
from rlxc.runtime import progress
from rlxc.runtime.packing import parameter_values
from rlxc.runtime.parameters import LoadedParams
from rlxc.runtime.program_parameters import param_specs
from rlxc.stages import Linear
from rlxc.weights import MappingWeights

ROWS, COLUMNS, WIDTH = 40, 50, 8


def program(weights: dict[str, NDArray[Any]]) -> ModuleOp:
    """A program with one weight, `w`."""
    rows = weights["w"].shape[1]
    return ModelFlow("f").input("x", ("B", "S", rows)).stage(Linear("w")).build(weights).module


def loaded(rows: int = ROWS, columns: int = COLUMNS) -> tuple[LoadedParams, NDArray[Any]]:
    """The parameters of the program, and the value of its weight, which is stored as `[N, K]`."""
    stored = np.random.default_rng(2).standard_normal((columns, rows)).astype(np.float32)
    weights = {"w": stored}
    return LoadedParams(param_specs(program(weights)), MappingWeights(weights)), stored.T


def parameter(panels: Panels | None, rows: int = ROWS, columns: int = COLUMNS) -> Parameter:
    """The weight as a parameter."""
    shape = (rows, columns) if panels is None else (-(-columns // panels.width), rows, panels.width)
    return Parameter("w", ArrayType("f32", shape), Weight(("w",), transposed=True), panels)


@pytest.mark.parametrize("num_threads", [1, 3])
def test_packed_beside_plain_and_computed(num_threads: int) -> None:
    params, value = loaded()
    table = Parameter("cos", ArrayType("f32", (4, 2)), RopeTable("cos", 100.0))
    panels = parameter(Panels(WIDTH))
    plain, packed, cosines, again = parameter_values([parameter(None), panels, table, panels], params, num_threads)
    np.testing.assert_array_equal(plain, value)
    np.testing.assert_array_equal(packed.transpose(1, 0, 2).reshape(ROWS, -1)[:, :COLUMNS], value)
    np.testing.assert_allclose(cosines, np.cos(np.arange(4)[:, None] * 100.0 ** (-np.arange(2) / 2)), rtol=1e-6)
    assert again is packed


def test_gated() -> None:
    params, value = loaded()
    how = Parameter("w", ArrayType("f32", (8, ROWS, WIDTH)), Weight(("w",), transposed=True), Panels(WIDTH, gated=True))
    (packed,) = parameter_values([how], params, 2)
    halves = [packed[half::2].transpose(1, 0, 2).reshape(ROWS, -1)[:, : COLUMNS // 2] for half in (0, 1)]
    np.testing.assert_array_equal(np.concatenate(halves, axis=1), value)


def test_packing_copies_nothing_but_into_panels() -> None:
    params, _ = loaded(1024, 4096)
    tracemalloc.start()
    try:
        (packed,) = parameter_values([parameter(Panels(WIDTH), 1024, 4096)], params, 2)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < packed.nbytes / 8


def test_weight_that_is_missing() -> None:
    params = LoadedParams(param_specs(program({"w": np.ones((COLUMNS, ROWS), np.float32)})), MappingWeights({}))
    with pytest.raises(RlxcError, match="there is no weight 'w'"):
        parameter_values([parameter(Panels(WIDTH))], params, 1)


class Terminal:
    """A standard error that is a terminal."""

    def __init__(self) -> None:
        self.text = ""

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None: ...

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("patience", "shown"), [(-1.0, True), (1000.0, False)])
def test_progress_of_long_work(monkeypatch: pytest.MonkeyPatch, patience: float, shown: bool) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(progress, "PATIENCE", patience)
    monkeypatch.setenv("TERM", "xterm")
    parameter_values([parameter(Panels(WIDTH))], loaded()[0], 1)
    assert ("packing weights" in terminal.text) == shown


def test_no_progress_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "PATIENCE", -1.0)
    parameter_values([parameter(Panels(WIDTH))], loaded()[0], 1)
    assert capsys.readouterr() == ("", "")
