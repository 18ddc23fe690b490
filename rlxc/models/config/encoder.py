"""What an encoder is."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.models.config.layer import MlpConfig


@dataclass(frozen=True)
class EncoderConfig:
    """An encoder of equal layers, in which every token sees all others, with every default filled in."""

    model_type: str
    vocab_size: int
    hidden_size: int
    num_layers: int
    num_heads: int
    mlp: MlpConfig
    max_positions: int
    """How many positions have been learned."""
    type_vocab_size: int
    """How many types of tokens there are."""
    norm_eps: float
    pad_id: int | None = None

    @property
    def head_dim(self) -> int:
        """The width of a head."""
        return self.hidden_size // self.num_heads
