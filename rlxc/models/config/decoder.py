"""What a decoder is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rlxc.models.config.layer import LayerConfig, LayerType
from rlxc.models.config.shared_kv import lender_of
from rlxc.models.rope import Rope


@dataclass(frozen=True)
class PerLayerInputs:
    """A second embedding of the tokens, `width` features for each layer."""

    width: int
    vocab_size: int


@dataclass(frozen=True)
class DecoderConfig:
    """A decoder, with every default filled in and every fact of a layer in its layer."""

    model_type: str
    vocab_size: int
    hidden_size: int
    layers: tuple[LayerConfig, ...]
    ropes: Mapping[LayerType, Rope]
    """The rotary embedding of each type of layer there is."""
    max_positions: int
    norm_eps: float
    norm_offset: float = 0.0
    """What is added to the weights of norms."""
    embedding_scale: float = 1.0
    tied_embeddings: bool = False
    logit_softcap: float | None = None
    parallel_residual: bool = False
    layer_scalar: bool = False
    """Each layer ends with a factor of its own."""
    per_layer_inputs: PerLayerInputs | None = None
    """What each layer has of its own beside the output of the layer before."""
    rope_factors_key: str | None = None
    """A tensor that divides the frequencies of full attention, in files that store their scaling so."""
    stop_ids: tuple[int, ...] = ()
    pad_id: int | None = None

    @property
    def window(self) -> int | None:
        """The window of the sliding layers; None if there are none."""
        windows = {layer.attention.window for layer in self.layers} - {None}
        return windows.pop() if windows else None

    def cache_layer(self, number: int) -> int:
        """The layer whose keys and values the layer of a number attends to: itself, or an earlier one."""
        return lender_of([layer.attention for layer in self.layers], number)
