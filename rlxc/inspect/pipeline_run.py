"""Passes applied to a module, one after the other, while others look on."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import DiagnosticException

from rlxc.diagnostics.errors import RlxcError
from rlxc.diagnostics.places import split_place
from rlxc.diagnostics.verify import verify_module


class PipelineObserver(Protocol):
    """Called before the first pass, between passes and after the last, as xDSL's PassPipeline calls back."""

    def __call__(self, done: ModulePass | None, module: ModuleOp, todo: ModulePass | None) -> None:
        """Look at `module` after the pass `done` (None: the input) and before `todo` (None: the result)."""
        ...


@dataclass(frozen=True)
class PassTime:
    """How long one pass took."""

    name: str
    seconds: float


def run_pipeline(
    context: Context,
    module: ModuleOp,
    passes: Sequence[ModulePass],
    observers: Sequence[PipelineObserver] = (),
    *,
    verify: bool = True,
) -> list[PassTime]:
    """Apply `passes` to `module` in place; with `verify`, check the module after each.

    Raises RlxcError, naming the pass and the place in the source, if one fails or leaves a
    module that does not verify.
    """
    times: list[PassTime] = []
    notify(observers, None, module, passes[0] if passes else None)
    for index, step in enumerate(passes):
        start = time.perf_counter()
        with failures("pass", step.name):
            step.apply(context, module)
        times.append(PassTime(step.name, time.perf_counter() - start))
        if verify:
            verify_result(module, step)
        notify(observers, step, module, passes[index + 1] if index + 1 < len(passes) else None)
    return times


def notify(
    observers: Sequence[PipelineObserver], done: ModulePass | None, module: ModuleOp, todo: ModulePass | None
) -> None:
    """Let every observer look at the module."""
    for observer in observers:
        observer(done, module, todo)


@contextmanager
def failures(kind: str, name: str) -> Generator[None]:
    """Turn what the pass or target called `name` raises into an RlxcError that names it.

    Whatever it raises besides a diagnostic is a mistake in it, be it of a pass of this project or of a user:
    the report says so. Only what the machine lacks, a file or memory, is no fault of the pass.
    """
    try:
        yield
    except (RlxcError, OSError, MemoryError):
        raise
    except DiagnosticException as error:
        location, reason = split_place(str(error))
        raise RlxcError(f"{kind} '{name}' failed: {reason}", location=location) from error
    except Exception as error:
        reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        hint = f"this is a mistake in the {kind}; '--traceback' shows where"
        raise RlxcError(f"{kind} '{name}' stopped on this module: {reason}", hint=hint) from error


def verify_result(module: ModuleOp, step: ModulePass) -> None:
    """Check what the pass `step` left."""
    try:
        verify_module(module)
    except RlxcError as error:
        message = f"pass '{step.name}' left a module that does not verify: {error.message}"
        raise RlxcError(message, location=error.location, hint="this is a mistake in the pass") from error
