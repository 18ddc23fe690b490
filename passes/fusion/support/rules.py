"""How a fusion looks at a program: a rule judges each candidate, and rewrites it or says why not.

A judge returns `Rewrite` (what to say, and how to do it), `Missed` (a candidate that is left
alone, and why) or None (not a candidate). Misses are reported once the rewrites have reached
their fixpoint, so that no remark speaks of a state that the same pass has overcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias

from typing_extensions import TypeVar
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern

from rlxc.passes.remarks import fused, missed
from rlxc.passes.rewriting import apply_patterns

OperationT = TypeVar("OperationT", bound=Operation)
CandidateT = TypeVar("CandidateT")

Report: TypeAlias = Callable[[str, Operation, str], None]


@dataclass(frozen=True)
class Rewrite:
    """A candidate that can be rewritten: the remark, and the deed."""

    message: str
    apply: Callable[[PatternRewriter], None]


@dataclass(frozen=True)
class Missed:
    """A candidate that is left alone, and why."""

    reason: str


Verdict: TypeAlias = Rewrite | Missed | None
Guard: TypeAlias = Callable[[CandidateT], str | None]
"""A precondition: None if it holds for the candidate, else the reason for the remark."""


@dataclass(frozen=True)
class Rule(Generic[OperationT]):
    """A judge of the operations of one type."""

    op_type: type[OperationT]
    judge: Callable[[OperationT], Verdict]

    def verdict(self, op: Operation) -> Verdict:
        """What the judge says, or None for other operations."""
        return self.judge(op) if isinstance(op, self.op_type) else None


AnyRule: TypeAlias = Rule[Any]
"""A rule for operations of some type, which the rule itself checks."""


def first_reason(guards: Iterable[Guard[CandidateT]], candidate: CandidateT) -> str | None:
    """The reason of the first guard that does not hold."""
    return next((reason for guard in guards if (reason := guard(candidate)) is not None), None)


def apply_rules(pass_name: str, module: ModuleOp, rules: Sequence[AnyRule], report: Report = fused) -> None:
    """Rewrite to a fixpoint, reporting each rewrite, then report the candidates that are left."""
    apply_patterns(module, [_RulePattern(pass_name, rule, report) for rule in rules])
    for op in module.walk():
        for rule in rules:
            if isinstance(verdict := rule.verdict(op), Missed):
                missed(pass_name, op, verdict.reason)


@dataclass(frozen=True)
class _RulePattern(RewritePattern):
    pass_name: str
    rule: AnyRule
    report: Report

    def match_and_rewrite(self, op: Operation, rewriter: PatternRewriter) -> None:
        verdict = self.rule.verdict(op)
        if isinstance(verdict, Rewrite):
            self.report(self.pass_name, op, verdict.message)
            verdict.apply(rewriter)
