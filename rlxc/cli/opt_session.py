"""One run of `rlxc opt`: text in, passes, text out."""

from __future__ import annotations

import dataclasses
import sys
from argparse import Namespace
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.targets.mlir import MLIRTarget
from xdsl.utils.target import Target

from rlxc.cli.opt_tracing import tracing_observers
from rlxc.cli.streams import write_result
from rlxc.diagnostics.errors import RlxcError, UsageError
from rlxc.diagnostics.excerpt import printable
from rlxc.diagnostics.expected import Reported, check_expected, expected_diagnostics
from rlxc.diagnostics.input import is_flow, read_text
from rlxc.diagnostics.parse import parse_module
from rlxc.diagnostics.places import source_location
from rlxc.diagnostics.split_input import SEPARATOR, split_input
from rlxc.diagnostics.style import style_for
from rlxc.inspect.dumps import DumpDirectory
from rlxc.inspect.pass_statistics import PassCounts, PassStatistics, statistics_table, timing_table
from rlxc.inspect.pipeline_run import PassTime, failures, run_pipeline
from rlxc.inspect.pipeline_text import parse_pipeline, parse_target
from rlxc.inspect.registry import make_context
from rlxc.passes.remarks import Remark, collect_remarks


def run_session(args: Namespace) -> int:
    """Run `rlxc opt` with the arguments `args`; the exit code."""
    if args.config is not None and not is_flow(args.input):
        raise UsageError("only .flow files take a config", hint="leave --config out")
    session = Session(args, parse_pipeline(args.passes), parse_target(args.target))
    text, session.name = read_text(args.input)
    results = [session.run(part) for part in session.parts(text)]
    session.print_numbers()
    if session.errors:
        report(session.errors, text, session.name)
        return 1
    write_result(f"{SEPARATOR}\n".join(results), args.output)
    return 0


def report(errors: Iterable[RlxcError], text: str, name: str) -> None:
    """Print errors with the lines of the input that they are about."""
    for error in errors:
        error.quote(text, name)
        print(error.render(style_for(sys.stderr)), file=sys.stderr)


@dataclass
class Session:
    """The modules of one input on their way through the pipeline, and what is gathered meanwhile."""

    args: Namespace
    passes: tuple[ModulePass, ...]
    target: Target
    name: str = ""
    errors: list[RlxcError] = field(default_factory=list[RlxcError])
    counts: list[PassCounts] = field(default_factory=list[PassCounts])
    times: list[PassTime] = field(default_factory=list[PassTime])

    def parts(self, text: str) -> Sequence[str]:
        """The texts of the modules in `text`."""
        return tuple(split_input(text)) if self.args.split_input_file else (text,)

    def run(self, part: str) -> str:
        """The result of one module; empty if there was an error, which is in `errors` unless it was expected."""
        failed: list[RlxcError] = []
        result = ""
        with collect_remarks() as remarks:
            try:
                result = self._process(part, remarks)
            except RlxcError as error:
                failed.append(error)
        if self.args.verify_diagnostics:
            self.errors += self._unmet(part, failed, remarks)
        else:
            self.errors += failed
            self._print_remarks(remarks)
        return result

    def print_numbers(self) -> None:
        """Print the statistics and times that were asked for."""
        if self.args.statistics:
            print(statistics_table(self.counts), end="", file=sys.stderr)
        if self.args.timing:
            print(timing_table(self.times), end="", file=sys.stderr)

    def _process(self, part: str, remarks: Sequence[Remark]) -> str:
        verify = not self.args.no_verify
        context = make_context(allow_unregistered=self.args.allow_unregistered_dialect)
        module = self._module(context, part)
        statistics = PassStatistics(remarks)
        observers = [*tracing_observers(self.args, context), statistics]
        dumps = self._dumps(context, part)
        if dumps is not None:
            observers.append(dumps)
        self.times += run_pipeline(context, module, self.passes, observers, verify=verify and self.args.verify_each)
        self.counts += statistics.passes
        if dumps is not None:
            dumps.write_remarks(remarks)
        return self._emit(context, module)

    def _module(self, context: Context, part: str) -> ModuleOp:
        """The module of one part, by the kind of the input."""
        if not is_flow(self.args.input):
            return parse_module(context, part, self.name, verify=not self.args.no_verify)
        from rlxc.runtime.text_program import text_module

        return text_module(part, self.name, self.args.config)

    def _dumps(self, context: Context, part: str) -> DumpDirectory | None:
        """Where the dumps of this part go: with several, into a directory for each, called after its first line."""
        if self.args.dump_dir is None:
            return None
        directory = Path(self.args.dump_dir)
        if self.args.split_input_file:
            directory /= f"line-{len(part) - len(part.lstrip()) + 1}"
        return DumpDirectory(directory, self.args.input, context)

    def _emit(self, context: Context, module: ModuleOp) -> str:
        target = self.target
        if isinstance(target, MLIRTarget):
            target = dataclasses.replace(
                target,
                print_generic_format=target.print_generic_format or self.args.print_op_generic,
                print_debuginfo=target.print_debuginfo or self.args.print_debuginfo,
            )
        stream = StringIO()
        with failures("target", target.name):
            target.emit(context, module, stream)
        return stream.getvalue().rstrip("\n") + "\n"

    def _print_remarks(self, remarks: Iterable[Remark]) -> None:
        if self.args.remarks:
            for remark in remarks:
                print(printable(str(remark)), file=sys.stderr)

    def _unmet(self, part: str, failed: Iterable[RlxcError], remarks: Iterable[Remark]) -> list[RlxcError]:
        """What the comments of the part expected and did not get, or got and did not expect.

        Remarks that no comment expects count only if remarks were asked for.
        """
        errors = [Reported("error", error.message, error.location) for error in failed]
        said = [Reported("remark", str(remark), source_location(remark.location)) for remark in remarks]
        needed, optional = ([*errors, *said], []) if self.args.remarks else (errors, said)
        return check_expected(expected_diagnostics(part, self.name), needed, optional)
