"""What a kernel has to know about the machine that it is made for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xdsl.utils.exceptions import PassFailedException


@dataclass(frozen=True)
class KernelTarget:
    """The sizes of vectors, register tiles and caches.

    The accumulators of a register tile are `tile_rows * panel_vectors` vectors; with the operands
    of one step they must fit into the vector registers.
    """

    name: str
    lanes: int
    """Elements of float32 in a vector."""
    tile_rows: int
    """Rows of a register tile."""
    panel_vectors: int
    """Vectors in a row of a register tile."""
    l2_bytes: int = 512 * 1024

    @property
    def panel_width(self) -> int:
        """Columns of a register tile, and of a panel of packed weights."""
        return self.lanes * self.panel_vectors


TARGETS: Mapping[str, KernelTarget] = MappingProxyType(
    {
        target.name: target
        for target in (
            KernelTarget("avx2", lanes=8, tile_rows=4, panel_vectors=3),
            KernelTarget("avx512", lanes=16, tile_rows=8, panel_vectors=3, l2_bytes=1024 * 1024),
            KernelTarget("neon", lanes=4, tile_rows=4, panel_vectors=6),
            KernelTarget("scalar", lanes=1, tile_rows=2, panel_vectors=4),
        )
    }
)
"""Name -> target. `scalar` serves every machine."""


def target_named(name: str) -> KernelTarget:
    """The target of that name. Raises PassFailedException if there is none."""
    if name not in TARGETS:
        raise PassFailedException(f"unknown kernel target '{name}', use one of {', '.join(TARGETS)}")
    return TARGETS[name]
