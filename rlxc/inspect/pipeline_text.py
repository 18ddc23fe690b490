"""Pipelines as text: `rlx-raise-repeat-kv,canonicalize`, `rlx-unfuse{only=rope}`, or the name of a pipeline."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xdsl.passes import ModulePass
from xdsl.utils.arg_spec import ArgSpec, parse_spec
from xdsl.utils.arg_spec import parse_pipeline as parse_specs
from xdsl.utils.exceptions import ArgSpecParseError
from xdsl.utils.target import Target

from rlxc.diagnostics.errors import RlxcError, SourceLocation
from rlxc.diagnostics.suggest import did_you_mean
from rlxc.inspect.named_arguments import instantiate
from rlxc.inspect.registry import universe
from rlxc.passes.pipelines import PIPELINES

_LOWERING_PACKAGES = ("rlxc.passes.lowering.", "rlxc.passes.kernels.")
_KEEP_THE_LEVEL = ("rlx-inline-calls",)

_ANCHORED = re.compile(r"\s*builtin\.module\((?P<passes>.*)\)\s*", re.DOTALL)
_BLANKS_OUTSIDE_OPTIONS = re.compile(r"(?P<kept>\{[^{}]*\}|\[[^\[\]]*\])|\s+")


def parse_pipeline(text: str) -> tuple[ModulePass, ...]:
    """The passes that `text` names, with their options.

    Both xDSL's form `a,b{x=1}` and MLIR's `builtin.module(a,b{x=1})` are read. A name of
    `rlxc.passes.pipelines.PIPELINES` stands for its passes. Raises RlxcError with the place in the text.
    """
    passes = _BLANKS_OUTSIDE_OPTIONS.sub(lambda match: match["kept"] or "", _without_anchor(text))
    return tuple(_make_pass(spec, passes) for spec in _specs(passes))


def parse_fusion(text: str) -> tuple[ModulePass, ...]:
    """The passes that `text` names; all of them keep a program at the rlx level. Raises RlxcError."""
    passes = parse_pipeline(text)
    for step in passes:
        if type(step).__module__.startswith(_LOWERING_PACKAGES) and step.name not in _KEEP_THE_LEVEL:
            raise RlxcError(
                f"pass '{step.name}' lowers the program: what fuses has to keep it at the rlx level",
                hint="the form of the result says how far it is lowered; rlxc opt runs any pass",
            )
    return passes


def parse_target(text: str) -> Target:
    """The target that `text` names, with its options."""
    try:
        spec = parse_spec(text)
    except ArgSpecParseError as error:
        raise _syntax_error(error, text, "target") from error
    targets = universe().all_targets
    if spec.name not in targets:
        near = did_you_mean(spec.name, targets)
        raise RlxcError(f"unknown target '{spec.name}'{near}", hint=f"the targets are {', '.join(sorted(targets))}")
    try:
        return instantiate("target", targets[spec.name](), spec)
    except ImportError as error:
        raise RlxcError(f"target '{spec.name}' needs a package that is not installed: {error}") from error


def _without_anchor(text: str) -> str:
    anchored = _ANCHORED.fullmatch(text)
    passes = anchored["passes"] if anchored else text
    if (nested := re.search(r"([\w.]+)\(", passes)) is not None:
        location = SourceLocation("pipeline", 1, text.index(nested[0]) + 1)
        message = f"passes run on the whole module, not on each '{nested[1]}'"
        raise RlxcError(message, location=location, source_line=text, hint="write builtin.module(a,b) or a,b")
    return passes


def _specs(text: str) -> Iterator[ArgSpec]:
    try:
        specs = tuple(parse_specs(text))
    except ArgSpecParseError as error:
        raise _syntax_error(error, text, "pipeline") from error
    except ValueError as error:
        raise RlxcError(f"cannot read the pipeline: {error}", hint="numbers have at most 4300 digits") from error
    for spec in specs:
        if spec.name not in PIPELINES:
            yield spec
        elif spec.parameters:
            raise RlxcError(f"the pipeline '{spec.name}' takes no options", hint="give them to its passes")
        else:
            yield from _specs(PIPELINES[spec.name].passes)


def _make_pass(spec: ArgSpec, text: str) -> ModulePass:
    known = universe().all_passes
    if spec.name not in known:
        near = did_you_mean(spec.name, (*known, *PIPELINES))
        place = re.search(rf"(?<![\w-]){re.escape(spec.name)}(?![\w-])", text)
        location = SourceLocation("pipeline", 1, place.start() + 1) if place else None
        hint = "rlxc opt --list-passes shows the names of all passes and pipelines"
        raise RlxcError(f"unknown pass '{spec.name}'{near}", location=location, source_line=text, hint=hint)
    try:
        return instantiate("pass", known[spec.name](), spec)
    except ImportError as error:
        raise RlxcError(f"pass '{spec.name}' needs a package that is not installed: {error}") from error


def _syntax_error(error: ArgSpecParseError, text: str, what: str) -> RlxcError:
    """The report of xDSL's error, which holds the place and the reason only as lines of its text."""
    _, place, _, _, reason, *_ = str(error).split("\n")
    location = SourceLocation(what, 1, int(place.rpartition(":")[2]))
    return RlxcError(reason.strip(), location=location, source_line=text)
