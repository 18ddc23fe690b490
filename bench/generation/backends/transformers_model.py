"""transformers on PyTorch, with its fused attention. The loop stands here: `generate` takes longer for a token."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from transformers import AutoModelForCausalLM, DynamicCache

from bench.generation.backends.base import Backend


class Runtime(Backend):
    """Eager, in float32."""

    form = "directory"

    def load(self, path: str, context: int) -> None:
        """See `Backend`."""
        torch.set_num_threads(self.threads)
        options: dict[str, Any] = {"dtype": torch.float32, "attn_implementation": "sdpa", "local_files_only": True}
        self.model: Any = AutoModelForCausalLM.from_pretrained(path, **options).eval()

    def stream(self, ids: Sequence[int]) -> Iterator[int]:
        """See `Backend`."""
        cache, given = DynamicCache(config=self.model.config), list(ids)
        while True:
            chosen = int(self._last(given, cache).argmax())
            yield chosen
            given = [chosen]

    def logits(self, ids: Sequence[int]) -> NDArray[Any]:
        """See `Backend`."""
        return self._last(ids, DynamicCache(config=self.model.config)).numpy()

    @torch.inference_mode()
    def _last(self, ids: Sequence[int], cache: Any) -> Any:
        """The logits after the last of the ids, which the cache takes in."""
        found = self.model(torch.tensor([list(ids)]), past_key_values=cache, use_cache=True, logits_to_keep=1)
        return found.logits[0, -1]
