"""A program and what fusing makes of it."""

from __future__ import annotations

from functools import cached_property

from xdsl.dialects.builtin import ModuleOp

from rlxc.inspect.pipeline_text import parse_fusion, parse_pipeline
from rlxc.passes.remarks import collect_remarks
from rlxc.runtime.account import Account
from rlxc.runtime.levels import lower_to
from rlxc.runtime.program_parameters import param_specs

DEFAULT_PIPELINE = "fuse"
"""It keeps the level and has passes of `KNOWN_PACKAGES` only: none has to be imported to see that."""

KNOWN_PACKAGES = ("rlxc", "xdsl")
"""The packages whose code is known to be the same as in another run."""


def account_of(program: ModuleOp, fused: ModuleOp, remarks: str) -> Account:
    """What there is to say of a program, before and after passes that left these remarks."""
    return Account(str(program), str(fused), remarks, tuple(param_specs(program)), tuple(param_specs(fused)))


class Fusion:
    """The program in `module` as it is now. It is fused when someone asks for the result.

    Raises RlxcError, then, if a pass of the pipeline fails.
    """

    def __init__(self, module: ModuleOp, pipeline: str | None):
        self.program = module.clone()
        self.pipeline = pipeline

    @cached_property
    def _result(self) -> tuple[ModuleOp, str]:
        with collect_remarks() as remarks:
            fused = lower_to(self.program, "fused", self.pipeline)
        return fused, "\n".join(map(str, remarks))

    @property
    def module(self) -> ModuleOp:
        """The fused program."""
        return self._result[0]

    @property
    def remarks(self) -> str:
        """What was fused, and what was not and why: one line each."""
        return self._result[1]

    @cached_property
    def account(self) -> Account:
        """What there is to say of the program."""
        return account_of(self.program, self.module, self.remarks)

    @property
    def is_known(self) -> bool:
        """Whether only passes fuse that are the same as in another run; those of other packages may have changed."""
        return self.pipeline in (None, DEFAULT_PIPELINE) or all(map(is_known, parse_pipeline(self.pipeline)))


def check_pipeline(pipeline: str | None) -> None:
    """Raise RlxcError, with the place in the text, unless `pipeline` names passes that keep the level."""
    if pipeline not in (None, DEFAULT_PIPELINE):
        parse_fusion(pipeline)


def is_known(step: object) -> bool:
    """Whether a pass belongs to a package whose version is known."""
    return type(step).__module__.partition(".")[0] in KNOWN_PACKAGES
