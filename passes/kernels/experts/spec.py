"""What a mixture of experts computes."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.dialects.kernel import KernelMoeOp
from rlxc.dialects.rlx import Activation, MoeOp
from rlxc.dialects.rlx.base import int_of, shape_of
from rlxc.passes.kernels.matmul.spec import MatmulSpec


@dataclass(frozen=True)
class MoeSpec:
    """`y[r] = sum(gates[r, e] * ((act(x[r] . gate_e) * (x[r] . up_e)) . down_e))` over the chosen experts `e`.

    These are the first `top_k` of a row whose gate is not 0. `x` and `y` are `[R, H]`, `gates` is `[R, E]`.
    """

    features: int
    """H."""
    width: int
    """I, the hidden features of an expert."""
    experts: int
    """E."""
    top_k: int
    activation: Activation

    @staticmethod
    def of(op: MoeOp | KernelMoeOp) -> MoeSpec:
        """What an operation computes."""
        is_kernel = isinstance(op, KernelMoeOp)
        return MoeSpec(
            shape_of(op.x)[-1],
            shape_of(op.down)[1] if is_kernel else op.width,
            op.num_experts,
            int_of(op.top_k) if is_kernel else op.chosen_experts,
            op.activation.data,
        )

    @property
    def up(self) -> MatmulSpec:
        """The projection from the features to the hidden ones."""
        return MatmulSpec(self.features, self.width, self.activation, gated=True)

    @property
    def down(self) -> MatmulSpec:
        """The projection back."""
        return MatmulSpec(self.width, self.features)

    @property
    def name(self) -> str:
        """The name of the function that computes it."""
        return f"rlxc_moe_{self.features}x{self.width}_{self.top_k}of{self.experts}_{self.activation}"
