"""Token types: which part of its input a token belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.arith import AddfOp
from xdsl.ir import SSAValue

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.dialects.rlx import EmbedOp
from rlxc.stages.checks import require_key_name, require_name
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage, labelled


@dataclass(frozen=True)
class TokenTypeEmbed(Stage):
    """`x + table[types]`, where `types` `[B, S]` is an input of the flow. The table is stored `[types, features]`."""

    key: str
    input: str = "token_types"

    def __post_init__(self) -> None:
        require_key_name("TokenTypeEmbed", "key", self.key)
        require_name("TokenTypeEmbed", "input", self.input)

    @property
    def label(self) -> str:
        """`TokenTypeEmbed(embeddings.token_type_embeddings)`."""
        return labelled(self, self.key)

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        if self.input not in ctx.inputs:
            raise RlxcError(
                f"the flow declares no input '{self.input}'{did_you_mean(self.input, ctx.inputs)}",
                hint=f'add .input("{self.input}", ("B", "S"), "i64") to the flow',
            )
        table = ctx.param(self.key, shape=(None, ctx.features(x)))
        return ctx.emit(AddfOp(x, ctx.emit(EmbedOp(table, ctx.inputs[self.input]), "typed")), "with_types")
