"""What an expert computes, added to the rows that chose it."""

from __future__ import annotations

from dataclasses import replace

from xdsl.dialects.builtin import DYNAMIC_INDEX, Float32Type, IndexType, MemRefType, StridedLayoutAttr, f32
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.experts.numbers import number_at
from rlxc.passes.kernels.matmul.places import Place, for_vectors
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.kernels.vectors import broadcast, element, filled, fma, function, noinline
from rlxc.passes.kernels.views import rectangle, run_of_elements
from rlxc.passes.lowering.scalars import Scalar

COLUMN: MemRefType[Float32Type] = MemRefType(f32, [DYNAMIC_INDEX], StridedLayoutAttr([None], None))
"""Elements at any distance from each other."""


def add_name(target: KernelTarget) -> str:
    """The name of the function that adds a tile."""
    return f"rlxc_moe_add_{target.panel_width}"


def clear_name(target: KernelTarget) -> str:
    """The name of the function that writes zeros."""
    return f"rlxc_moe_clear_{target.lanes}"


def add_functions(target: KernelTarget) -> list[FuncOp]:
    """The functions that write zeros, and that add to them."""
    return [_clear_function(target), _add_function(target)]


def _clear_function(target: KernelTarget) -> FuncOp:
    """`y = 0`."""
    arguments = (("y", rectangle(None, None, None)), ("rows", IndexType()), ("columns", IndexType()))

    def body(y: SSAValue, rows: SSAValue, columns: SSAValue) -> None:
        zeros = filled(0.0, target.lanes)
        for_vectors(Scalar(rows), Scalar(columns), target.lanes, lambda place: place.store(zeros, y))

    return noinline(function(clear_name(target), arguments, body))


def _add_function(target: KernelTarget) -> FuncOp:
    """`y[numbers[r], n] += gates[numbers[r]] * sums[r, n]` for the first rows and columns of a tile."""
    arguments = (
        ("sums", rectangle(target.tile_rows, target.panel_width, target.panel_width)),
        ("numbers", run_of_elements()),
        ("gates", COLUMN),
        ("y", rectangle(None, None, None)),
        ("rows", IndexType()),
        ("columns", IndexType()),
    )

    def body(sums: SSAValue, numbers: SSAValue, gates: SSAValue, y: SSAValue, *sizes: SSAValue) -> None:
        def add(place: Place) -> None:
            number = number_at(numbers, place.row)
            target_place = replace(place, row=number)
            gate = broadcast(element(gates, [number]), place.lanes)
            target_place.store(fma(gate, place.load(sums), target_place.load(y)), y)

        rows, columns = map(Scalar, sizes)
        for_vectors(rows, columns, target.lanes, add)

    return noinline(function(add_name(target), arguments, body))
