"""What `rlxc inspect` says of a model besides its costs."""

from __future__ import annotations

from collections import Counter

from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.dialects.func import CallOp, FuncOp

from rlxc.inspect.pipeline_run import run_pipeline
from rlxc.inspect.pipeline_text import parse_fusion
from rlxc.inspect.registry import make_context
from rlxc.passes.remarks import Remark, collect_remarks

TOKEN = {"S": 1}
"""The sizes that a model with caches is inspected with, unless the user says so: the next token after others."""

CACHES = {"C", "W"}
"""The sizes of caches."""


def fused_in_layers(module: ModuleOp, passes: str) -> list[str]:
    """What each remark of the passes is about, and in how many layers: `[rlx-fuse-glu] fused in 30 of 30 layers: ...`.

    Equal layers are one function, whose calls are counted.
    """
    calls = Counter(op.callee.string_value() for op in module.walk() if isinstance(op, CallOp))
    found = Counter[tuple[str, str, str]]()
    for function in (op for op in module.ops if isinstance(op, FuncOp) and op.sym_name.data in calls):
        for one in dict.fromkeys((one.pass_name, one.kind, one.message) for one in remarks_of(function, passes)):
            found[one] += calls[function.sym_name.data]
    layers = calls.total()
    return [f"[{name}] {kind} in {count} of {layers} layers: {text}" for (name, kind, text), count in found.items()]


def remarks_of(function: FuncOp, passes: str) -> list[Remark]:
    """The remarks of passes on one function."""
    alone = function.clone()
    alone.sym_visibility = StringAttr("public")
    with collect_remarks() as remarks:
        run_pipeline(make_context(), ModuleOp([alone]), parse_fusion(passes))
    return remarks
