"""A program that `rlxc run` compiles."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from rlxc.cli.program import load_input
from rlxc.cli.run_profile import check_profile_options
from rlxc.runtime.compile import compile
from rlxc.runtime.compiled import CompiledFunction
from rlxc.runtime.fusion import DEFAULT_PIPELINE
from rlxc.weights.open import Weights


def compiled(args: Namespace) -> tuple[CompiledFunction, Callable[[], CompiledFunction]]:
    """The program compiled as the arguments say, and what makes its reference."""
    target = args.target or "numpy"
    check_profile_options(args, target)
    program = load_input(args.input, args.weights, args.config)
    pipeline = DEFAULT_PIPELINE if args.passes is None else args.passes
    function = compile(program.module, target, program.weights, pipeline, threads=args.threads)
    return function, lambda: reference(program.module, program.weights)


def reference(program: ModuleOp, weights: Weights | None) -> CompiledFunction:
    """A program evaluated as it is written, in float64."""
    return compile(program, "reference", weights, None, dtype=np.float64)
