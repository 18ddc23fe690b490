"""Which part of the results a thread computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rlxc.passes.kernels.vectors import each
from rlxc.passes.lowering.scalars import Scalar, Size, minimum


@dataclass(frozen=True)
class Share:
    """The results in panels `first_panel : end_panel` and row tiles `first_tile : end_tile`."""

    first_panel: Size
    end_panel: Size
    first_tile: Size
    end_tile: Size

    def for_blocks(self, panels: int, tiles: int, body: Callable[[Share], None]) -> None:
        """Call `body` for each block of at most so many panels and tiles."""

        def block(panel: Scalar, tile: Scalar) -> None:
            end_panel, end_tile = minimum(panel + panels, self.end_panel), minimum(tile + tiles, self.end_tile)
            body(Share(panel, end_panel, tile, end_tile))

        def blocks_of_panels(panel: Scalar) -> None:
            each(self.first_tile, self.end_tile, tiles, lambda tile: block(panel, tile))

        each(self.first_panel, self.end_panel, panels, blocks_of_panels)

    def for_panels(self, body: Callable[[Scalar], None]) -> None:
        """Call `body` for each panel."""
        each(self.first_panel, self.end_panel, 1, body)

    def for_tiles(self, body: Callable[[Scalar], None]) -> None:
        """Call `body` for each row tile."""
        each(self.first_tile, self.end_tile, 1, body)


def share_of(thread: Scalar, threads: Scalar, panels: int, tiles: Size) -> Share:
    """The share of a thread: a range of panels, whose weights no other thread reads."""
    return Share(thread * panels // threads, (thread + 1) * panels // threads, 0, tiles)
