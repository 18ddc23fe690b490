"""The compiled programs of an encoder."""

from __future__ import annotations

from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from rlxc.models.config import EncoderConfig
from rlxc.models.recipes import encoder
from rlxc.runtime.compile import Target
from rlxc.runtime.compiled import CompiledFunction
from rlxc.runtime.generation.flow_compiler import FlowCompiler
from rlxc.weights import WeightSource

Array = NDArray[Any]


class EncoderPrograms:
    """The program for texts of one length, and that for texts of several, which takes a mask.

    Each is compiled when it is first needed. `weights` holds the tensors of the checkpoint: see `used_tensors`.
    """

    def __init__(
        self, config: EncoderConfig, weights: WeightSource, max_context: int, target: Target, threads: int | None
    ):
        self.config, self.max_context = config, max_context
        self._compiler = FlowCompiler(weights, target, threads)

    @cached_property
    def plain(self) -> CompiledFunction:
        """See `encoder`."""
        return self._compiler.compiled(encoder(self.config, padded=False))

    @cached_property
    def padded(self) -> CompiledFunction:
        """The program with a mask that says which tokens are there."""
        return self._compiler.compiled(encoder(self.config, padded=True))

    def load(self) -> CompiledFunction:
        """What texts of one length need, compiled now."""
        return self.plain

    def hidden(self, ids: Array, mask: NDArray[np.bool_] | None, token_types: Array) -> Array:
        """The hidden states `[batch, tokens, hidden_size]`; `mask` is True where there is a token."""
        if mask is None:
            return cast(Array, self.plain(ids, token_types))
        return cast(Array, self.padded(ids, token_types, mask))
