"""The two programs of an encoder."""

from __future__ import annotations

from collections.abc import Collection

from reference_models import MODELS
from rlxc.models.checkpoint import open_checkpoint
from rlxc.models.config import EncoderConfig, read_config
from rlxc.runtime.generation.encoder_programs import EncoderPrograms
from rlxc.weights import WeightSource
from rlxc.weights.source import Array


class Counting:
    """The tensors of another source, and how often each is read."""

    def __init__(self, source: WeightSource):
        self._source = source
        self.reads: list[str] = []

    def keys(self) -> Collection[str]:
        """See `WeightSource`."""
        return self._source.keys()

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        return self._source.shape(key)

    def get(self, key: str) -> Array:
        """See `WeightSource`."""
        self.reads.append(key)
        return self._source.get(key)


def test_weights_are_held_once() -> None:
    checkpoint = open_checkpoint(MODELS / "bert")
    config, weights = read_config(checkpoint.config), Counting(checkpoint.weights)
    assert isinstance(config, EncoderConfig)
    programs = EncoderPrograms(config, weights, 32, "native", 1)
    assert programs.plain is not programs.padded
    assert weights.reads
    assert len(set(weights.reads)) == len(weights.reads)
