"""What the experts of a token compute."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.diagnostics import RlxcError
from rlxc.dialects.rlx import Activation, MoeOp
from rlxc.dialects.rlx.base import shape_of
from rlxc.stages.checks import choice, require_key_name, require_name, require_positive
from rlxc.stages.context import FlowContext
from rlxc.stages.linear import ActivationName
from rlxc.stages.stage import Stage
from rlxc.stages.streams import StreamLoad


@dataclass(frozen=True)
class Experts(Stage):
    """`sum(gates[.., e] * ((act(x . gate_e) * (x . up_e)) . down_e))`, with the stream `gates` that `Route` made.

    The weights are stored `[out, in]`, those of expert `e` as `{prefix}.{e}.{gate}.weight`, and likewise `up` and
    `down`.
    """

    prefix: str
    count: int
    act: ActivationName = "silu"
    gates: str = "gates"
    gate: str = "gate_proj"
    up: str = "up_proj"
    down: str = "down_proj"

    def __post_init__(self) -> None:
        require_positive("Experts", "count", self.count)
        require_name("Experts", "gates", self.gates)
        choice("Experts", "act", Activation, self.act)
        for field in ("prefix", "gate", "up", "down"):
            require_key_name("Experts", field, getattr(self, field))

    @property
    def label(self) -> str:
        """`Experts(model.layers.0.mlp.experts)`."""
        return f"Experts({self.prefix})"

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        gates, features = self._gates(ctx), ctx.features(x)
        gate_up_keys = [key for expert in range(self.count) for key in self._keys(expert, self.gate, self.up)]
        gate_up = ctx.joined_param(gate_up_keys, field="gate and up", shape=(None, features), transposed=True)
        down_keys = [key for expert in range(self.count) for key in self._keys(expert, self.down)]
        width = shape_of(gate_up)[1] // len(gate_up_keys)
        down = ctx.joined_param(down_keys, field="down", shape=(features, width), transposed=True)
        return ctx.emit(MoeOp(x, gates, gate_up, down, Activation(self.act)), "mixed")

    def _keys(self, expert: int, *projections: str) -> list[str]:
        return [f"{self.prefix}.{expert}.{projection}.weight" for projection in projections]

    def _gates(self, ctx: FlowContext) -> SSAValue:
        """The stream of the gates. Raises RlxcError if there is none, or it has another number of experts."""
        gates = StreamLoad(self.gates).saved(ctx)
        if ctx.features(gates) != self.count:
            raise RlxcError(f"the stream '{self.gates}' has {ctx.features(gates)} experts, but count = {self.count}")
        return gates
