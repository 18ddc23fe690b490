"""The compiled programs of a decoder."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from threading import Event
from typing import Any, cast

from numpy.typing import NDArray

from rlxc.models.config import DecoderConfig
from rlxc.models.recipes import RECIPES, Form, decoder_body, decoder_head, decoder_norm
from rlxc.runtime.compile import Target
from rlxc.runtime.compiled import CompiledFunction
from rlxc.runtime.generation.flow_compiler import FlowCompiler
from rlxc.runtime.shared_weights import SharedWeights
from rlxc.weights import WeightSource

Array = NDArray[Any]


class DecoderPrograms:
    """The body, for sequences of one length or of several, and the head. Each is compiled when it is first needed.

    `weights` holds the tensors under the names that the stages have for them: see `model_weights`.
    """

    def __init__(
        self, config: DecoderConfig, weights: WeightSource, max_context: int, target: Target, threads: int | None
    ):
        self.config, self.max_context = config, max_context
        # The head multiplies with an embedding that is tied.
        tables = (RECIPES[config.model_type].embedding_key,) if config.tied_embeddings else ()
        self._compiler = FlowCompiler(weights, target, threads, SharedWeights(tables))

    @cached_property
    def body(self) -> CompiledFunction:
        """See `decoder_body`."""
        return self._body(padded=False)

    @cached_property
    def padded_body(self) -> CompiledFunction:
        """The body with masks that say which tokens are there."""
        return self._body(padded=True)

    def _body(self, *, padded: bool) -> CompiledFunction:
        form = Form(self.max_context, padded)
        return self._compiler.compiled(decoder_body(self.config, form, self._compiler.weights))

    @cached_property
    def head(self) -> CompiledFunction:
        """See `decoder_head`."""
        return self._compiler.compiled(decoder_head(self.config))

    @cached_property
    def norm(self) -> CompiledFunction:
        """See `decoder_norm`."""
        return self._compiler.compiled(decoder_norm(self.config))

    def load(self) -> tuple[CompiledFunction, CompiledFunction]:
        """What sequences of one length need, compiled now: both at the same time, as far as LLVM does it.

        Only one can be lowered at a time, and that of the body takes longer: the head waits until it has begun.
        """
        if self._compiler.target != "native":
            return self.body, self.head
        begun, failed = self._compiler.shared.begun, Event()
        with ThreadPoolExecutor(1) as other:
            head = other.submit(self._head_after, begun, failed)
            try:
                body = self.body
            except BaseException:
                failed.set()
                raise
            finally:
                begun.set()
            head.result()
        return body, self.head

    def _head_after(self, begun: Event, failed: Event) -> None:
        """Compile the head once the body has begun, unless that has failed."""
        begun.wait()
        if not failed.is_set():
            _ = self.head

    def normed(self, hidden: Array) -> Array:
        """Hidden states after the last norm."""
        return cast(Array, self.norm(hidden))

    def logits(self, hidden: Array) -> Array:
        """The logits of hidden states."""
        return cast(Array, self.head(hidden))
