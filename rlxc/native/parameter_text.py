"""What a parameter holds, in the words of someone who fills it by hand."""

from __future__ import annotations

from rlxc.native.c_text import TYPES
from rlxc.native.signature import ArrayType, Parameter, RopeTable, Weight


def parameter_text(parameter: Parameter, name: str) -> str:
    """The shape of a parameter, and how each element follows from the checkpoint or a formula.

    `name` is what the array is called in the formulas.
    """
    shape = "".join(f"[{size}]" for size in parameter.type.shape)
    match parameter.origin:
        case Weight() as weight:
            return f"{shape}: {weight_text(weight, parameter.type, name)}"
        case RopeTable() as table:
            return f"{shape}: {table_text(table, parameter.type, name)}"


def weight_text(weight: Weight, kind: ArrayType, name: str) -> str:
    """Which tensors of the checkpoint a weight is made of, and how."""
    keys = ",\n  ".join(f'"{key}"' for key in weight.keys)
    if len(weight.keys) == 1 and not weight.transposed:
        return f"{keys}, as stored."
    if not weight.transposed:
        return f"these tensors one after another on the last axis:\n  {keys}"
    columns, rows = kind.shape[1], kind.shape[0]
    if len(weight.keys) == 1:
        return f"{keys}, stored as [{columns}][{rows}], transposed:\n{name}[k * {columns} + n] = stored[n * {rows} + k]"
    return (
        f"these tensors one below another, each stored as [N][{rows}], together [{columns}][{rows}], transposed:\n"
        f"  {keys}\n{name}[k * {columns} + n] = stacked[n * {rows} + k]"
    )


def table_text(table: RopeTable, kind: ArrayType, name: str) -> str:
    """The formula of a rope table."""
    positions, half = kind.shape
    angle = f"p * pow({table.theta!r}, -i / {half}.0)"
    return (
        "a table of the rotary embedding, computed in double:\n"
        f"{name}[p * {half} + i] = ({TYPES[kind.element]}){table.function}({angle}) for p < {positions}, i < {half}"
    )
