"""Runs the `// RUN:` lines of `.mlir` and `.flow` tests in this process. See `run_lines` for what a line may say."""

from filecheck_runner.directives import unread_directives
from filecheck_runner.pipelines import StepFailed, run
from filecheck_runner.run_lines import RunLine, RunLineError, run_lines

__all__ = ["RunLine", "RunLineError", "StepFailed", "run", "run_lines", "unread_directives"]
