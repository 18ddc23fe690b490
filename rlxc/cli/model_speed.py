"""How fast a model was, and how much memory it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from rlxc.inspect.summary import readable_bytes

Step = TypeVar("Step")


class Speed:
    """Times of one generation: loading, the prompt up to the first token, and the tokens after it."""

    def __init__(self, load_seconds: float, prompt_tokens: int):
        self._load, self._prompt_tokens = load_seconds, prompt_tokens
        self._prefill, self._decode, self._decoded = 0.0, 0.0, 0

    def timed(self, steps: Iterable[Step]) -> Iterator[Step]:
        """The steps; what the caller does between them counts as well."""
        start = time.perf_counter()
        for step in steps:
            now = time.perf_counter()
            if not self._prefill:
                self._prefill, start = now - start, now
            else:
                self._decode, self._decoded = now - start, self._decoded + 1
            yield step

    def report(self) -> str:
        """Three lines, or fewer if there were no tokens."""
        lines = [f"loaded in {self._load:.2f} s"]
        if self._prefill:
            lines.append(f"prompt: {rate(self._prompt_tokens, self._prefill)}")
        if self._decoded:
            lines.append(f"decode: {rate(self._decoded, self._decode)}")
        if (memory := peak_memory()) is not None:
            lines.append(f"memory: {readable_bytes(memory)} at most")
        return "\n".join(lines)


def rate(tokens: int, seconds: float) -> str:
    """Tokens, and how many of them a second."""
    return f"{tokens} tokens, {tokens / seconds:.1f} tokens/s"


def peak_memory() -> int | None:
    """The most memory that the process has had, in bytes; None where that cannot be told."""
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
