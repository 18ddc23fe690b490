"""Python's garbage collector, which looks at a whole module again and again while the module grows."""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from threading import RLock

_ALONE = RLock()


@contextmanager
def collection_paused() -> Generator[None]:
    """No garbage is collected in the `with` block: what is made there is needed, or small.

    One thread is in such a block at a time.
    """
    with _ALONE:
        if not gc.isenabled():
            yield
            return
        gc.disable()
        try:
            yield
        finally:
            gc.enable()
