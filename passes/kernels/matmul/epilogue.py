"""From the sums of a tile to the results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from xdsl.dialects.builtin import IndexType
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.matmul.activations import ACTIVATIONS
from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import (
    Vector,
    each,
    first_lanes,
    function,
    load,
    masked_load,
    masked_store,
    noinline,
    store,
    when,
)
from rlxc.passes.kernels.views import rectangle, run_of_elements
from rlxc.passes.lowering.scalars import Scalar, Size


def epilogue_name(spec: MatmulSpec, target: KernelTarget) -> str:
    """The name of the epilogue, which does not depend on the sizes of the projection."""
    return f"rlxc_matmul_{spec.epilogue}_{target.panel_width}"


def epilogue_function(spec: MatmulSpec, target: KernelTarget) -> FuncOp:
    """`y = act(sums + bias) + residual`, gated: `y = act(gate) * up + residual`, for the first rows and columns.

    The arguments are the sums of gate and up, or the sums alone; bias and residual, if there are any;
    `y`, and the number of rows and columns.
    """
    tile = rectangle(target.tile_rows, target.panel_width, target.panel_width)
    named = {
        **({"gate": tile, "up": tile} if spec.gated else {"sums": tile}),
        **({"bias": run_of_elements()} if spec.bias else {}),
        **({"residual": rectangle(None, None, None)} if spec.residual else {}),
        "y": rectangle(None, None, None),
        "rows": IndexType(),
        "columns": IndexType(),
    }

    def body(*values: SSAValue) -> None:
        memory = dict(zip(named, values, strict=True))
        rows, columns = Scalar(memory.pop("rows")), Scalar(memory.pop("columns"))
        _for_vectors(rows, columns, target.lanes, lambda place: _finish(spec, memory, place))

    return noinline(function(epilogue_name(spec, target), tuple(named.items()), body))


@dataclass(frozen=True)
class _Place:
    """Elements `column : column + lanes` of a row, without those where the mask is false."""

    row: Size
    column: Size
    lanes: int
    mask: SSAValue | None = None

    def load(self, source: SSAValue) -> Vector:
        """The elements of an array."""
        return self._load(source, [self.row, self.column])

    def load_run(self, source: SSAValue) -> Vector:
        """The elements of an array with one axis, the same for each row."""
        return self._load(source, [self.column])

    def store(self, x: Vector, destination: SSAValue) -> None:
        """Write the elements of an array."""
        indices = [self.row, self.column]
        if self.mask is None:
            store(x, destination, indices)
        else:
            masked_store(x, destination, indices, self.mask)

    def _load(self, source: SSAValue, indices: list[Size]) -> Vector:
        if self.mask is None:
            return load(source, indices, self.lanes)
        return masked_load(source, indices, self.mask, self.lanes)


def _for_vectors(rows: Scalar, columns: Scalar, lanes: int, body: Callable[[_Place], None]) -> None:
    """Call `body` for each vector of a tile; the last of a row may be cut off."""
    whole = columns // lanes * lanes

    def cut_off() -> None:
        mask = first_lanes(columns - whole, lanes)
        each(0, rows, 1, lambda row: body(_Place(row, whole, lanes, mask)))

    each(0, rows, 1, lambda row: each(0, whole, lanes, lambda column: body(_Place(row, column, lanes))))
    when(columns > whole, cut_off)


def _finish(spec: MatmulSpec, memory: dict[str, SSAValue], place: _Place) -> None:
    value = place.load(memory["gate" if spec.gated else "sums"])
    if spec.bias:
        value = value + place.load_run(memory["bias"])
    if spec.activation:
        value = ACTIVATIONS[spec.activation](value)
    if spec.gated:
        value = value * place.load(memory["up"])
    if spec.residual:
        value = value + place.load(memory["residual"])
    place.store(value, memory["y"])
