"""Runs what the lowering makes with stock MLIR: its own bufferization, its own loops, its own execution engine."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects import get_all_dialects
from xdsl.dialects.builtin import AnyFloat, ArrayAttr, ModuleOp, StringAttr, TensorType, UnitAttr
from xdsl.dialects.func import FuncOp
from xdsl.parser import Parser
from xdsl.utils.hints import isa

from rlxc.dialects.rlx import RLX, ParamOp
from rlxc.dialects.rlx.reference import evaluate
from rlxc.passes.lowering.convert_rlx_to_linalg import ConvertRlxToLinalgPass
from rlxc.passes.lowering.outline_checks import CHECKS, RlxOutlineChecksPass

Array = NDArray[Any]
Case = tuple[str, Sequence[Sequence[Array | int]]]
"""A function `@main`, where `{E}` stands for the element type, and the arguments of some calls."""
Job = tuple[str, Sequence[Array | int], Sequence[tuple[str, int]]]
"""A call: the function, its arguments, and the NumPy element type and rank of each result (rank -1: a scalar)."""


@dataclass(frozen=True)
class Outcome:
    """What the calls of a lowered function computed, and what the reference says."""

    computed: list[tuple[Array, ...]]
    expected: list[tuple[Array, ...]]

    def error(self) -> float:
        """The largest error of any result, relative to the largest element of that result."""
        computed, expected = (list(chain.from_iterable(results)) for results in (self.computed, self.expected))
        assert len(computed) == len(expected) > 0
        return max(map(_error, computed, expected))


@pytest.fixture(scope="session")
def run_cases(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Outcome]]:
    """Lower, compile and call all cases at once, for one element type."""

    def run(cases: Mapping[str, Case], element: str, scores_limit: int = 4 * 1024 * 1024) -> dict[str, Outcome]:
        modules = {name: parse(text.replace("{E}", element)) for name, (text, _) in cases.items()}
        functions = [_lowered(module, name, scores_limit) for name, module in modules.items()]
        jobs = [
            (name, [_as_element(value, element) for value in arguments], _result_kinds(main_function(modules[name])))
            for name, (_, calls) in cases.items()
            for arguments in calls
        ]
        computed = call_upstream(ModuleOp(functions), jobs, tmp_path_factory.mktemp("upstream"))
        expected = [evaluate(modules[name], arguments, params=_no_params) for name, arguments, _ in jobs]
        grouped: dict[str, Outcome] = {name: Outcome([], []) for name in cases}
        for (name, _, _), ours, theirs in zip(jobs, computed, expected, strict=True):
            grouped[name].computed.append(ours)
            grouped[name].expected.append(theirs)
        return grouped

    return run


Prepared = tuple[str | None, tuple[int, ...]]
"""What preparing a call says: the message of the failed check if any, and the dynamic sizes of the results."""


@pytest.fixture(scope="session")
def prepare_calls(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, list[Prepared]]]:
    """Outline the checks of all cases, and call the outlined functions."""

    def prepare(cases: Mapping[str, Case]) -> dict[str, list[Prepared]]:
        functions = {name: _outlined(parse(text), name) for name, (text, _) in cases.items()}
        jobs = [
            (name, arguments, [("i8", -1)] * len(functions[name].function_type.outputs))
            for name, (_, calls) in cases.items()
            for arguments in calls
        ]
        results = call_upstream(ModuleOp(list(functions.values())), jobs, tmp_path_factory.mktemp("prepare"))
        prepared: dict[str, list[Prepared]] = {name: [] for name in cases}
        for (name, _, _), (status, *sizes) in zip(jobs, results, strict=True):
            prepared[name].append((_message(functions[name], status), tuple(sizes)))
        return prepared

    return prepare


def parse(text: str) -> ModuleOp:
    """A module of `rlx` and upstream operations."""
    context = Context()
    for name, dialect in {**get_all_dialects(), "rlx": lambda: RLX}.items():
        context.register_dialect(name, dialect)
    return Parser(context, text).parse_module()


def main_function(module: ModuleOp) -> FuncOp:
    """The function `@main`."""
    return function_named(module, "main")


def function_named(module: ModuleOp, name: str) -> FuncOp:
    """A function of a module."""
    return next(op for op in module.walk() if isinstance(op, FuncOp) and op.sym_name.data == name)


def _as_element(value: Array | int, element: str) -> Array | int:
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return value.astype({"f32": np.float32, "f64": np.float64}[element])
    return value


def _result_kinds(function: FuncOp) -> list[tuple[str, int]]:
    """The NumPy element type and the rank of each result."""
    kinds = [kind for kind in function.function_type.outputs if isa(kind, TensorType[AnyFloat])]
    return [(f"f{kind.element_type.size}", len(kind.get_shape())) for kind in kinds]


def _lowered(module: ModuleOp, name: str, scores_limit: int) -> FuncOp:
    """The function at the linalg level, under a new name."""
    module = module.clone()
    ConvertRlxToLinalgPass(scores_limit=scores_limit).apply(Context(), module)
    module.verify()
    return _detached(main_function(module), name)


def _outlined(module: ModuleOp, name: str) -> FuncOp:
    """The function that prepares a call of `@main`, under a new name."""
    for lowering in (ConvertRlxToLinalgPass(), RlxOutlineChecksPass()):
        lowering.apply(Context(), module)
        module.verify()
    assert "cf.assert" not in str(module)
    return _detached(function_named(module, "main_prepare"), name)


def _detached(function: FuncOp, name: str) -> FuncOp:
    function.sym_name = StringAttr(name)
    function.attributes["llvm.emit_c_interface"] = UnitAttr()
    function.detach()
    return function


def _message(function: FuncOp, status: int) -> str | None:
    messages = function.attributes[CHECKS]
    assert isa(messages, ArrayAttr[StringAttr])
    return None if status == 0 else messages.data[status - 1].data


def call_upstream(module: ModuleOp, calls: Sequence[Job], directory: Path) -> list[tuple[Any, ...]]:
    """The results of calls of functions at the linalg level, compiled and run by stock MLIR."""
    job, results = directory / "job.pickle", directory / "results.pickle"
    job.write_bytes(pickle.dumps((str(module), calls)))
    command = [sys.executable, "-P", str(Path(__file__).with_name("upstream_worker.py")), str(job), str(results)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return pickle.loads(results.read_bytes())


def _no_params(op: ParamOp) -> Array:
    raise AssertionError(f"{op} in a test whose weights are arguments")


def _error(computed: Array, expected: Array) -> float:
    assert computed.shape == expected.shape
    assert np.isfinite(computed).all()
    return float(np.max(np.abs(computed - expected), initial=0) / max(np.max(np.abs(expected), initial=0), 1e-30))
