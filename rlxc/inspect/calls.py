"""A program as one function."""

from __future__ import annotations

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import CallOp

from rlxc.inspect.pipeline_run import run_pipeline
from rlxc.inspect.pipeline_text import parse_pipeline
from rlxc.inspect.registry import make_context


def without_calls(module: ModuleOp) -> ModuleOp:
    """The module with what is called in the place of the calls; the module itself if there are none.

    Raises RlxcError if a function calls itself.
    """
    if not any(isinstance(op, CallOp) for op in module.walk()):
        return module
    inlined = module.clone()
    run_pipeline(make_context(), inlined, parse_pipeline("rlx-inline-calls"))
    return inlined
