"""The module on the standard error, as passes change it, under the headings that mlir-opt prints."""

from __future__ import annotations

import sys
from argparse import Namespace
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from rlxc.inspect.changes import OnChange
from rlxc.inspect.ir_text import module_text
from rlxc.inspect.pipeline_run import PipelineObserver


def tracing_observers(args: Namespace, context: Context) -> list[PipelineObserver]:
    """The observers that the `--print-ir-...` options ask for."""
    observers: list[PipelineObserver] = []
    if args.print_ir_after_all:
        observers.append(PrintAfter(context))
    elif args.print_ir_after_change:
        observers.append(OnChange(print_after, context))
    if args.print_ir_before_all:
        observers.append(PrintBefore(context))
    return observers


@dataclass
class PrintAfter:
    """Print the module after every pass."""

    context: Context

    def __call__(self, done: ModulePass | None, module: ModuleOp, todo: ModulePass | None) -> None:
        """See PipelineObserver."""
        if done is not None:
            print_dump("After", done, module_text(module, self.context))


@dataclass
class PrintBefore:
    """Print the module before every pass."""

    context: Context

    def __call__(self, done: ModulePass | None, module: ModuleOp, todo: ModulePass | None) -> None:
        """See PipelineObserver."""
        if todo is not None:
            print_dump("Before", todo, module_text(module, self.context))


def print_after(done: ModulePass | None, text: str) -> None:
    """Print the module after a pass, nothing for the input."""
    if done is not None:
        print_dump("After", done, text)


def print_dump(when: str, step: ModulePass, text: str) -> None:
    """Print a heading and the module."""
    print(f"// -----// IR Dump {when} {step.name} //----- //\n{text}", file=sys.stderr)
