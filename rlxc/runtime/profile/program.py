"""A program compiled once more, so that its threads note the time."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import ArrayAttr, ModuleOp
from xdsl.utils.hints import isa

from rlxc.inspect.pipeline_run import run_pipeline
from rlxc.inspect.pipeline_text import parse_pipeline
from rlxc.inspect.registry import make_context
from rlxc.native.compiled import compile_module
from rlxc.native.emit import DEFAULT_TOOLCHAIN
from rlxc.native.roofline import roofline
from rlxc.passes.kernels.profile import MARKS
from rlxc.passes.lowering.functions import entry_function
from rlxc.passes.pipelines import kernel_passes
from rlxc.runtime.arguments import Array, Value
from rlxc.runtime.profile.numbered import NumberedProgram, numbers_in
from rlxc.runtime.profile.report import Profile
from rlxc.runtime.profile.rows import Call, Part, rows_of
from rlxc.runtime.profile.sizes import CallSizes

SECONDS = 0.5
FEWEST_CALLS = 5
"""For how long calls are repeated, and how often at least."""


class ProfiledProgram:
    """The machine code of a fused program that notes times; the program as it is called otherwise pays nothing."""

    def __init__(
        self,
        fused: ModuleOp,
        kernels: str,
        parameters: Sequence[Array],
        num_threads: int,
        tables: Sequence[str] = (),
    ):
        self._program = NumberedProgram(fused)
        lowered = self._program.module.clone()
        passes = kernel_passes(kernels, [f"rlx-profile{{clock={time.CLOCK_MONOTONIC}}}"], tables)
        run_pipeline(make_context(), lowered, parse_pipeline(passes), verify=False)
        self._parts = parts_of(lowered)
        compiled = compile_module(lowered, DEFAULT_TOOLCHAIN)
        self._donated = [one.donated for one in compiled.signature.inputs]
        self._function = compiled.load().bind(parameters, num_threads)

    def profile(self, inputs: Sequence[Value]) -> Profile:
        """The profile of the call with these inputs, which stay as they are: of several runs, the fastest one.

        What disturbs the machine can only cost time, and the limits are its best too.
        """
        given = [
            value.copy() if donated and isinstance(value, np.ndarray) else value
            for value, donated in zip(inputs, self._donated, strict=True)
        ]
        call = self._fastest_call(given)
        limits = roofline(self._function.num_threads)
        rows = rows_of(self._program, call, CallSizes(self._program.function, inputs), limits)
        return Profile(self._program.function.sym_name.data, rows, call, limits)

    def _fastest_call(self, inputs: Sequence[Value]) -> Call:
        """The fastest of several calls, after one that warms up."""
        self._run(inputs)
        calls, end = list[Call](), time.monotonic() + SECONDS
        while len(calls) < FEWEST_CALLS or time.monotonic() < end:
            calls.append(self._run(inputs))
        return min(calls, key=lambda call: call.nanoseconds)

    def _run(self, inputs: Sequence[Value]) -> Call:
        start = time.monotonic_ns()
        times = self._function.times(inputs, 1 + len(self._parts))
        return Call(self._parts, times - start, time.monotonic_ns() - start)


def parts_of(module: ModuleOp) -> tuple[Part, ...]:
    """What a thread does between two times, as `rlx-profile` has written it down."""
    marks = entry_function(module).attributes[MARKS]
    assert isa(marks, ArrayAttr[ArrayAttr])
    return tuple(
        Part(frozenset(number for location in part for number in numbers_in(location)), waits=not part.data)
        for part in marks
    )
