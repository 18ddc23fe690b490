"""Functions on tensors whose work the threads of a team share, compiled."""

from __future__ import annotations

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp

from compiled_functions import parse
from rlxc.native import DefaultToolchain, NativeFunction, build_function
from rlxc.passes.kernels.share_work import RlxShareWorkPass
from rlxc.passes.lowering.arena_to_arg import RlxArenaToArgPass
from rlxc.passes.lowering.booleans_to_bytes import BooleansToBytesPass
from rlxc.passes.lowering.bufferize import RlxBufferizePass
from rlxc.passes.lowering.outline_checks import RlxOutlineChecksPass

PASSES = (
    RlxOutlineChecksPass(),
    RlxBufferizePass(),
    RlxArenaToArgPass(),
    RlxShareWorkPass(),
    BooleansToBytesPass(),
)


def shared_module(text: str) -> ModuleOp:
    """A module at the linalg level, with an argument `{rlx.num_threads}` after its inputs, as loops for a team."""
    context, module = Context(), parse(text)
    for lowering in PASSES:
        lowering.apply(context, module)
        module.verify()
    return module


def shared_function(text: str, optimization_level: int = 2) -> NativeFunction:
    """The entry function of such a module."""
    return build_function(shared_module(text), DefaultToolchain(optimization_level=optimization_level))
