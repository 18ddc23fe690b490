"""From the sums of a tile to the results."""

from __future__ import annotations

from xdsl.dialects.builtin import IndexType
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.matmul.activations import ACTIVATIONS
from rlxc.passes.kernels.matmul.places import Place, for_vectors
from rlxc.passes.kernels.matmul.spec import MatmulSpec
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import function, noinline
from rlxc.passes.kernels.views import rectangle, run_of_elements
from rlxc.passes.lowering.scalars import Scalar


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
        for_vectors(rows, columns, target.lanes, lambda place: _finish(spec, memory, place))

    return noinline(function(epilogue_name(spec, target), tuple(named.items()), body))


def _finish(spec: MatmulSpec, memory: dict[str, SSAValue], place: Place) -> None:
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
