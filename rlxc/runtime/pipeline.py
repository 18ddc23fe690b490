"""From the text of a pipeline to passes, and running them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.universe import XDSL_UNIVERSE
from xdsl.utils.arg_spec import ArgSpec, parse_pipeline
from xdsl.utils.exceptions import ArgSpecParseError, DiagnosticException, PassFailedException, VerifyException

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.passes.pipelines import PIPELINES
from rlxc.runtime.context import new_context
from rlxc.universe import RLX_UNIVERSE

AVAILABLE = {**XDSL_UNIVERSE.all_passes, **RLX_UNIVERSE.all_passes}
"""All passes by name, loaded on use."""


SYNTAX = "write it as pass,pass{option=value}"


class PassObserver(Protocol):
    """Called after each pass with the pass and the module as it is then."""

    def __call__(self, applied: ModulePass, module: ModuleOp, /) -> None: ...


def pipeline_specs(pipeline: str | None) -> list[ArgSpec]:
    """The passes of a named pipeline, or of a text such as `rlx-merge-projections,canonicalize`; none for None.

    Raises RlxcError where the text is not well-formed.
    """
    text = pipeline or ""
    if text in PIPELINES:
        text = PIPELINES[text].passes
    try:
        return list(parse_pipeline(text))
    except ArgSpecParseError as error:
        raise RlxcError(f"malformed pipeline '{text}': {problem(error)}", hint=SYNTAX) from error


def problem(error: ArgSpecParseError) -> str:
    """What is wrong with a pipeline: xDSL's message without the excerpt before it."""
    return str(error).strip().splitlines()[-1].strip(" ^")


def make_pass(spec: ArgSpec) -> ModulePass:
    """The pass with its options. Raises RlxcError if there is no such pass or option."""
    if spec.name not in AVAILABLE:
        names = [*PIPELINES, *AVAILABLE]
        raise RlxcError(
            f"unknown pass '{spec.name}'{did_you_mean(spec.name, names)}",
            hint=f"name passes, or one of the pipelines {', '.join(PIPELINES)}",
        )
    try:
        return AVAILABLE[spec.name]().from_spec(spec)
    except ValueError as error:
        raise RlxcError(f"options of pass '{spec.name}': {error}") from error


def run_passes(module: ModuleOp, specs: Iterable[ArgSpec], observers: Sequence[PassObserver] = ()) -> None:
    """Run passes on the module, in order, and verify it after each. Raises RlxcError, naming the pass, if one fails."""
    context = new_context()
    for applied in [make_pass(spec) for spec in specs]:
        try:
            applied.apply(context, module)
            module.verify()
        except (PassFailedException, VerifyException, DiagnosticException) as error:
            raise RlxcError(f"pass '{applied.name}' failed: {' '.join(str(error).split())}") from error
        for observe in observers:
            observe(applied, module)
