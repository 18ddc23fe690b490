"""The levels of a program, and lowering from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.arg_spec import ArgSpec

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.runtime.pipeline import PassObserver, pipeline_specs, run_passes

Level = Literal["rlx", "fused", "linalg", "affine"]
"""`rlx`: as written; `fused`: after the pipeline; `linalg`: structured operations on tensors; `affine`: loops."""


def lower_to(
    module: ModuleOp, level: Level, pipeline: str | None = "fuse", observers: Sequence[PassObserver] = ()
) -> ModuleOp:
    """A copy of a module at the rlx level, lowered to `level`.

    `pipeline` is what makes the fused level: a named pipeline, passes in xDSL's syntax, or None for no
    pass. `observers` are called after each pass. Raises RlxcError, naming the pass, if one fails.
    """
    if level not in get_args(Level):
        raise RlxcError(
            f"unknown level '{level}'{did_you_mean(level, get_args(Level))}",
            hint=f"use one of {', '.join(get_args(Level))}",
        )
    lowered = module.clone()
    run_passes(lowered, specs_to(level, pipeline), observers)
    return lowered


def specs_to(level: Level, pipeline: str | None) -> list[ArgSpec]:
    """The passes from the rlx level to `level`."""
    match level:
        case "rlx":
            return []
        case "fused":
            return pipeline_specs(pipeline)
        case "linalg" | "affine":
            return pipeline_specs(pipeline) + pipeline_specs(level)[len(pipeline_specs("fuse")) :]
