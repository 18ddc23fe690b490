"""The fused program, noted on the way from a program to code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from rlxc.passes.remarks import Remark
from rlxc.runtime.account import Account
from rlxc.runtime.fusion import account_of


@dataclass
class AccountObserver:
    """A PipelineObserver that keeps the fused program: what `program` is when the passes `fusion` are done.

    `remarks` grows while passes run.
    """

    program: ModuleOp
    fusion: Sequence[ModulePass]
    remarks: Sequence[Remark]
    _fused: ModuleOp = field(init=False)
    _remarks: str = field(init=False)

    def __call__(self, done: ModulePass | None, module: ModuleOp, todo: ModulePass | None) -> None:
        """See PipelineObserver."""
        if done is (self.fusion[-1] if self.fusion else None):
            self._fused, self._remarks = module.clone(), "\n".join(map(str, self.remarks))

    def account(self) -> Account:
        """What there is to say of the program. Raises RlxcError if its parameters contradict each other."""
        return account_of(self.program, self._fused, self._remarks)
