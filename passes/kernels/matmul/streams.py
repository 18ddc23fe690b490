"""Few rows: the weights are read from several places at once, and `x` as it is."""

from __future__ import annotations

from collections.abc import Callable

from xdsl.dialects.func import FuncOp

from rlxc.passes.kernels.matmul.blocking import STREAMS, ceil_div
from rlxc.passes.kernels.matmul.micro_kernel import stream_kernel, stream_kernel_name
from rlxc.passes.kernels.matmul.projection import Projection
from rlxc.passes.kernels.matmul.share import Share
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import call, each, when
from rlxc.passes.kernels.views import transposed
from rlxc.passes.lowering.scalars import Scalar, Size, as_value, minimum


def streams_by_rows(target: KernelTarget) -> dict[int, int]:
    """Numbers of rows -> how many panels they are multiplied with at once: two or more, by the room for the sums."""
    return {rows: min(STREAMS, target.tile_rows // rows) for rows in range(1, target.tile_rows // 2 + 1)}


def most_streamed_rows(target: KernelTarget) -> int:
    """Up to so many rows are few."""
    return max(streams_by_rows(target))


def by_rows(rows: Scalar, target: KernelTarget, on_few: Callable[[int], None], on_many: Callable[[], None]) -> None:
    """Choose the schedule by the number of rows, which all threads agree on."""

    def choose(few: list[int]) -> None:
        if few:
            when(rows.equals(few[0]), lambda: on_few(few[0]), lambda: choose(few[1:]))
        else:
            on_many()

    choose(list(streams_by_rows(target)))


def stream_functions(target: KernelTarget) -> list[FuncOp]:
    """The micro-kernels."""
    return [stream_kernel(rows, streams, target) for rows, streams in streams_by_rows(target).items()]


def multiply_streams(on: Projection, rows: int, share: Share) -> None:
    """Compute a share of the results: its panels in as many ranges as there are streams, all at the same pace."""
    streams, depth = streams_by_rows(on.target)[rows], Scalar(as_value(on.spec.in_features))
    x = transposed(on.memory.x, rows)
    length = ceil_div(share.end_panel - share.first_panel, streams)

    def panel_of(stream: Size, step: Scalar) -> Scalar:
        return step + (share.first_panel + length * stream)

    def multiply_panels(step: Scalar) -> None:
        # The last ranges may be shorter than the others: what is read once more instead is thrown away.
        panels = [minimum(panel_of(stream, step), share.end_panel - 1) for stream in range(streams)]
        for weight in range(on.spec.weights):
            weights = [on.weights(panel, weight, 0, depth) for panel in panels]
            sums = [on.sums(stream, weight, 0, rows) for stream in range(streams)]
            call(stream_kernel_name(rows, streams, on.target), x, *weights, *sums, depth.value)
        each(0, streams, 1, lambda stream: finish(stream, panel_of(stream, step)))

    def finish(stream: Scalar, panel: Scalar) -> None:
        sums = [on.sums(stream, weight, 0) for weight in range(on.spec.weights)]
        when(panel + 1 <= share.end_panel, lambda: on.finish(panel, 0, sums))

    each(0, length, 1, multiply_panels)
