"""Which part of the results a thread computes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rlxc.passes.kernels.matmul.blocking import ceil_div
from rlxc.passes.kernels.vectors import each
from rlxc.passes.lowering.scalars import Scalar, Size, as_value, minimum, select, truth


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
    """The share of a thread: some of the panels, whose weights no other thread reads.

    If the largest share is clearly smaller then, by a sixteenth, it is some of the row tiles.
    """
    if_panels = Scalar(as_value(ceil_div(panels, threads) * tiles))
    if_tiles = Scalar(as_value(ceil_div(tiles, threads) * panels))
    clearly = if_tiles * 17
    by_tiles, by_panels = truth(if_panels * 16 >= clearly), truth(clearly > if_panels * 16)
    return Share(
        *_range_if(by_panels, thread, threads, panels),
        *_range_if(by_tiles, thread, threads, tiles),
    )


def _range_if(cut: Scalar, thread: Scalar, threads: Scalar, size: Size) -> tuple[Scalar, Scalar]:
    """The range of a thread if so many things are cut into ranges, else all of them."""
    return select(cut, thread * size // threads, 0), select(cut, (thread + 1) * size // threads, size)
