"""A library that `rlxc run` loads. Without `--check` and random weights, xDSL is not imported."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable

from rlxc.cli.run_profile import wants_profile
from rlxc.diagnostics.errors import UsageError
from rlxc.runtime.compiled import CompiledFunction
from rlxc.runtime.load import load


def loaded(args: Namespace) -> tuple[CompiledFunction, Callable[[], CompiledFunction]]:
    """The function of the library that the arguments name, and what makes the reference of its program."""
    if args.target not in (None, "native"):
        raise UsageError(f"a library is no program for the target '{args.target}'", hint="leave --target out")
    if args.config is not None:
        raise UsageError("a library takes no config", hint="leave --config out")
    if args.passes is not None:
        raise UsageError("nothing can be fused in a library", hint="compile the program again, with --passes")
    if wants_profile(args):
        raise UsageError("a library has no profile", hint="run the program with --target native --profile")
    function = load(args.input, args.weights, threads=args.threads)
    return function, lambda: reference(function, args.weights)


def reference(function: CompiledFunction, weights: str | None) -> CompiledFunction:
    """The program that the library was made of, evaluated as it is written, in float64."""
    from rlxc.cli import run_program
    from rlxc.diagnostics.parse import parse_module
    from rlxc.inspect.registry import make_context

    return run_program.reference(parse_module(make_context(), function.ir), weights)
