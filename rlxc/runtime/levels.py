"""The levels of a program, and lowering from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.inspect.pipeline_run import PipelineObserver, run_pipeline, verify_result
from rlxc.inspect.pipeline_text import parse_pipeline
from rlxc.inspect.registry import make_context
from rlxc.passes.pipelines import DEFAULT_KERNELS, lowering

Level = Literal["rlx", "fused", "linalg", "numpy", "affine", "kernels"]
"""`rlx`: as written; `fused`: after the pipeline; `linalg`: structured operations on tensors; `affine`: loops;

`numpy`: `linalg`, beside what NumPy code has functions for; `kernels`: vector code for one kind of machine, and loops
shared by threads.
"""


def lower_to(
    module: ModuleOp,
    level: Level,
    pipeline: str | None = "fuse",
    observers: Sequence[PipelineObserver] = (),
    *,
    kernels: str = DEFAULT_KERNELS,
    tables: Sequence[str] = (),
    verify: bool = True,
) -> ModuleOp:
    """A copy of a module at the rlx level, lowered to `level`.

    `pipeline` is what makes the fused level: a named pipeline, passes in xDSL's syntax, or None for no
    pass. `kernels` is the kernel target of the kernels level, where embeddings by the weights `tables` are
    looked up in panels. `observers` look on before, between and after
    the passes. Without `verify`, no result is verified: MLIR does that too. Raises RlxcError, naming the pass, if one
    fails.
    """
    if level not in get_args(Level):
        raise RlxcError(
            f"unknown level '{level}'{did_you_mean(level, get_args(Level))}",
            hint=f"use one of {', '.join(get_args(Level))}",
        )
    fusing = () if level == "rlx" or pipeline is None else parse_pipeline(pipeline)
    passes = parse_pipeline(lowering(level, kernels, tables))
    lowered, context = module.clone(), make_context()
    if observers:
        run_pipeline(context, lowered, (*fusing, *passes), observers, verify=verify)
        return lowered
    run_pipeline(context, lowered, fusing)
    run_pipeline(context, lowered, passes, verify=False)
    if passes and verify:
        # Most of the time of lowering would go into looking at the same kernels after each pass.
        verify_result(lowered, passes[-1])
    return lowered
