"""The rewrite driver of this project's passes: greedy, to a fixpoint, keeping source locations."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import UNKNOWN_LOC, ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue
from xdsl.pattern_rewriter import (
    GreedyRewritePatternApplier,
    PatternRewriterListener,
    PatternRewriteWalker,
    RewritePattern,
)


def apply_patterns(op: ModuleOp | FuncOp, patterns: Sequence[RewritePattern], *, dce: bool = True) -> bool:
    """Apply `patterns` in a module or a function until none matches; True if it changed.

    An operation that replaces another inherits its location. With `dce`, producers left
    without users are erased.
    """
    listener = PatternRewriterListener(operation_replacement_handler=[keep_location])
    applier = GreedyRewritePatternApplier(list(patterns), dce_enabled=dce)
    return PatternRewriteWalker(applier, listener=listener).rewrite_region(op.body)


def keep_location(op: Operation, new_results: Sequence[SSAValue | None]) -> None:
    """Give the operations behind `new_results` the location of the operation they replace."""
    for value in new_results:
        if value is not None and isinstance(new := value.owner, Operation) and new.location == UNKNOWN_LOC:
            new.location = op.location
