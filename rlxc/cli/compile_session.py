"""One run of `rlxc compile`: program in, passes, the chosen form out."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

from xdsl.dialects.builtin import ModuleOp

from rlxc.cli.opt_tracing import print_after
from rlxc.cli.program import load_input
from rlxc.cli.streams import write_result
from rlxc.diagnostics.errors import RlxcError, UsageError
from rlxc.diagnostics.excerpt import printable
from rlxc.inspect.changes import OnChange
from rlxc.inspect.dumps import DumpDirectory
from rlxc.inspect.pipeline_run import PipelineObserver, run_pipeline
from rlxc.inspect.pipeline_text import parse_fusion, parse_pipeline
from rlxc.inspect.registry import make_context
from rlxc.inspect.summary import summary
from rlxc.native.shared_library import MANIFEST_FILE
from rlxc.passes.pipelines import lowering
from rlxc.passes.remarks import Remark, collect_remarks
from rlxc.runtime.artifacts import BINARY, SUFFIXES, Files, emit, kernels_of, level_of
from rlxc.runtime.fused_program import AccountObserver
from rlxc.runtime.program_parameters import check_weights

FORMS = {
    "numpy": ("numpy", "rlx", "fused", "linalg"),
    "native": ("obj", "so", "llvm", "ll", "rlx", "fused", "linalg", "affine", "kernels"),
}
"""Target -> the forms on its road, first the one that it stands for."""

HEADER = ".h"
"""The extension of the C header beside a library or object."""

BESIDE = {HEADER: "header", MANIFEST_FILE: "manifest"}
"""The extensions of what is written beside a library."""


def run_session(args: Namespace) -> int:
    """Run `rlxc compile` with the arguments `args`; the exit code."""
    form = chosen_form(args)
    level = level_of(form)
    fusing = parse_fusion(args.passes)
    fusion = () if level == "rlx" else fusing
    passes = (*fusion, *parse_pipeline(lowering(level, kernels_of(form))))
    program = load_input(args.input, args.weights, args.config)
    if args.weights is not None:
        check_weights(program.module, program.weights)
    module = program.module.clone()
    context = make_context()
    dumps = None if args.dump_dir is None else DumpDirectory(Path(args.dump_dir), args.input, context)
    observers: list[PipelineObserver] = [] if dumps is None else [dumps]
    if args.print_ir_after_change:
        observers.append(OnChange(print_after, context))
    with collect_remarks() as remarks:
        noted = AccountObserver(program.module, fusion, remarks)
        run_pipeline(context, module, passes, (*observers, noted))
    if dumps is not None:
        dumps.write_remarks(remarks)
    if args.remarks:
        print("".join(f"{printable(str(remark))}\n" for remark in remarks), end="", file=sys.stderr)
    write(emit(form, module, noted.account), args.output)
    if args.output is None and form == "fused":
        print_summary(program.module, module, remarks)
    return 0


def print_summary(before: ModuleOp, after: ModuleOp, remarks: Iterable[Remark]) -> None:
    """Say on the standard error what the passes changed, or why that cannot be told."""
    try:
        text = summary(before, after, remarks)
    except RlxcError as error:
        text = f"no summary: {error.message}"
    print(text, file=sys.stderr)


def chosen_form(args: Namespace) -> str:
    """The form that the command line asks for. Raises UsageError if it cannot be told or written."""
    form = args.emit or form_of_name(args.output, args.target)
    if form == "llvm" and form_of_name(args.output, "native") == "ll":
        form = "ll"
    if args.target is not None and form not in FORMS[args.target]:
        asked = f"--emit={form}" if args.emit else f"the name '{args.output}'"
        raise UsageError(
            f"{asked} contradicts --target={args.target}",
            hint=f"the target {args.target} writes {', '.join(FORMS[args.target])}",
        )
    if form in BINARY and args.output in (None, "-"):
        raise UsageError(f"--emit={form} needs a file", hint="add -o OUT")
    if form in BINARY and Path(args.output).suffix in BESIDE:
        what = BESIDE[Path(args.output).suffix]
        raise UsageError(f"'{args.output}' is the name of the {what} beside the result", hint="use .o or .so")
    return form


def form_of_name(output: str | None, target: str | None) -> str:
    """The form that the extension of the output means; where it means none, that of the target, or fused.

    Raises UsageError for an extension that means none, if there is no target.
    """
    suffix = None if output in (None, "-") else Path(output).suffix
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    if target is not None:
        return FORMS[target][0]
    if suffix:
        known = ", ".join(SUFFIXES)
        raise UsageError(f"cannot tell what to write from the name '{output}'", hint=f"use {known}, or --emit")
    return "fused"


def write(files: Files, output: str | None) -> None:
    """Write the result; beside a library or object, its C header; beside a library, its manifest."""
    write_result(files.main, output)
    for text, suffix in ((files.header, HEADER), (files.manifest, MANIFEST_FILE)):
        if text is not None and output is not None:
            write_result(text, str(Path(output).with_suffix(suffix)))
