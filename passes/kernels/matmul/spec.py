"""What a projection computes."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.dialects.kernel import KernelMatmulOp
from rlxc.dialects.rlx import Activation, GluMatmulOp, MatmulOp
from rlxc.dialects.rlx.base import shape_of


@dataclass(frozen=True)
class MatmulSpec:
    """`y = act(x . weight + bias) + residual`, or `act(x . gate) * (x . up) + residual` if gated.

    `x` is `[M, K]`, `residual` and `y` are `[M, N]`, `bias` is `[N]`; what is not asked for is left out.
    """

    in_features: int
    """K."""
    out_features: int
    """N."""
    activation: Activation | None = None
    gated: bool = False
    bias: bool = False
    residual: bool = False

    @staticmethod
    def of(op: MatmulOp | GluMatmulOp | KernelMatmulOp) -> MatmulSpec:
        """What an operation computes."""
        result = op.y if isinstance(op, KernelMatmulOp) else op.result
        is_plain = not isinstance(op, GluMatmulOp)
        return MatmulSpec(
            shape_of(op.x)[-1],
            shape_of(result)[-1],
            activation=None if op.activation is None else op.activation.data,
            gated=not is_plain or (isinstance(op, KernelMatmulOp) and op.gated is not None),
            bias=is_plain and op.bias is not None,
            residual=is_plain and op.residual is not None,
        )

    def __post_init__(self) -> None:
        assert not (self.gated and self.bias), "a gated projection has no bias"

    @property
    def weights(self) -> int:
        """How many panels of weights one panel of results takes: 2 if gated."""
        return 2 if self.gated else 1

    @property
    def epilogue(self) -> str:
        """A name for what happens to the product, whatever its sizes: `gated_silu`, `bias_residual`."""
        parts = {
            "gated": self.gated,
            "bias": self.bias,
            str(self.activation): self.activation is not None,
            "residual": self.residual,
        }
        return "_".join(part for part, present in parts.items() if present) or "copy"
