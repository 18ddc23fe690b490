"""What each thread does, step by step. The threads have to meet between two steps."""

from __future__ import annotations

from rlxc.passes.kernels.experts.add import clear_name
from rlxc.passes.kernels.experts.choices import Expert
from rlxc.passes.kernels.experts.mixture import Mixture
from rlxc.passes.kernels.matmul.blocking import ceil_div
from rlxc.passes.kernels.matmul.projection import Projection
from rlxc.passes.kernels.matmul.share import Share
from rlxc.passes.kernels.matmul.streams import by_rows, most_streamed_rows, multiply_streams
from rlxc.passes.kernels.matmul.tiled import TiledSchedule
from rlxc.passes.kernels.vectors import call, each, when
from rlxc.passes.kernels.views import part, rectangle
from rlxc.passes.lowering.scalars import Condition, Scalar, Size, as_value, maximum, minimum


def gather_rows(on: Mixture) -> None:
    """Bring the rows of `x` together that chose the same expert: few as they are, many in tiles."""

    def gather(expert: Expert) -> None:
        up, first = on.up(expert), _first_tile(on, expert)
        when(_are_many(on, expert), lambda: _pack(up, first), lambda: when(first.equals(0), up.copy_rows))

    on.choices.for_experts(gather)


def multiply_up(on: Mixture) -> None:
    """Compute hidden features: of all panels of all chosen experts, those that make up a thread's part of the time."""
    panels = on.panels(on.spec.width)
    total = on.choices.for_experts(lambda expert: None) * panels
    start, end = (thread * total // on.num_threads for thread in (on.thread, on.thread + 1))

    def panel_at(time: Scalar, expert: Expert) -> Size:
        before = expert.cost_before * panels
        return minimum(ceil_div(maximum(time, before) - before, expert.cost), panels)

    def multiply(expert: Expert) -> None:
        _multiply(on.up(expert), Share(panel_at(start, expert), panel_at(end, expert), 0, expert.tiles))

    on.choices.for_experts(multiply)


def pack_hidden(on: Mixture) -> None:
    """Bring the hidden features into tiles, of experts that many rows chose."""

    def pack(expert: Expert) -> None:
        when(_are_many(on, expert), lambda: _pack(on.down(expert), _first_tile(on, expert)))

    on.choices.for_experts(pack)


def add_down(on: Mixture) -> None:
    """Compute some columns of all results. No other thread writes there, and the experts are added in order."""
    panels, width = on.panels(on.spec.features), on.target.panel_width
    first, end = (thread * panels // on.num_threads for thread in (on.thread, on.thread + 1))
    columns = minimum(end * width, on.spec.features) - first * width
    y = part(on.memory.y, [0, first * width], [on.rows, columns], rectangle(None, None, None))
    call(clear_name(on.target), y, on.rows.value, as_value(columns))
    on.choices.for_experts(lambda expert: _multiply(on.down(expert), Share(first, end, 0, expert.tiles)))


def _are_many(on: Mixture, expert: Expert) -> Condition:
    """Whether the rows that chose an expert are multiplied in tiles."""
    return expert.rows > most_streamed_rows(on.target)


def _first_tile(on: Mixture, expert: Expert) -> Scalar:
    """The first tile of an expert that a thread packs: the tiles of all experts are dealt out in turn."""
    return (on.thread + on.num_threads - expert.first_tile % on.num_threads) % on.num_threads


def _pack(projection: Projection, first: Scalar) -> None:
    """Pack every `num_threads`-th tile, from the first one on."""
    each(first, projection.workspace.tiles, projection.num_threads, TiledSchedule(projection).pack_tile)


def _multiply(projection: Projection, share: Share) -> None:
    """Compute a share of the results; what has to be packed is."""
    by_rows(
        projection.rows,
        projection.target,
        lambda few: multiply_streams(projection, few, share),
        lambda: TiledSchedule(projection).multiply(share),
    )
