"""What a parameter holds, in the words of someone who fills it by hand."""

from __future__ import annotations

from rlxc.native.c_text import TYPES
from rlxc.native.signature import ArrayType, Panels, Parameter, RopeTable, Weight


def parameter_text(parameter: Parameter, name: str) -> str:
    """The shape of a parameter, and how each element follows from the checkpoint or a formula.

    `name` is what the array is called in the formulas.
    """
    shape = "".join(f"[{size}]" for size in parameter.type.shape)
    match parameter.origin, parameter.panels:
        case Weight() as weight, None:
            return f"{shape}: {weight_text(weight, parameter.type, name)}"
        case Weight() as weight, panels:
            return f"{shape}: {panels_text(weight, panels, parameter.type, name)}"
        case RopeTable() as table, _:
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


def panels_text(weight: Weight, panels: Panels, kind: ArrayType, name: str) -> str:
    """Which tensors of the checkpoint a packed weight is made of, and where each element goes."""
    keys = ",\n  ".join(f'"{key}"' for key in weight.keys)
    count, rows, width = kind.shape
    sizes = [panels.experts] * (panels.experts > 1) + [2] * panels.gated
    columns = " * ".join([*map(str, sizes), "N"])
    shape = f"[{columns}][{rows}]" if weight.transposed else f"[{rows}][{columns}]"
    joined = "one below another" if weight.transposed else "side by side"
    source = f"{keys}, stored as {shape}" if len(weight.keys) == 1 else f"these tensors {joined}, {shape}:\n  {keys}"
    block, panel = block_and_panel(panels, int(count))
    column = f"{block and f'{block} * N + '}p * {width} + w"
    element = f"({column}) * {rows} + k" if weight.transposed else f"k * {columns} + {column}"
    ranges = ", h = 0 and 1" * panels.gated + f", e < {panels.experts}" * (panels.experts > 1)
    return (
        f"{source}\nin panels of {width} columns, zero where p * {width} + w >= N{ranges}:\n"
        f"{name}[({panel} * {rows} + k) * {width} + w] = stored[{element}]"
    )


def block_and_panel(panels: Panels, count: int) -> tuple[str, str]:
    """The number of a block of columns, of expert `e` and half `h`, and that of panel `p` of it among `count`."""
    block, panel = ("h", "2 * p + h") if panels.gated else ("", "p")
    if panels.experts > 1:
        block = "(2 * e + h)" if panels.gated else "e"
        panel = f"e * {count // panels.experts} + {panel}"
    return block, f"({panel})" if " " in panel else panel


def table_text(table: RopeTable, kind: ArrayType, name: str) -> str:
    """The formula of a rope table."""
    positions, half = kind.shape
    angle = f"p * pow({table.theta!r}, -i / {half}.0)"
    return (
        "a table of the rotary embedding, computed in double:\n"
        f"{name}[p * {half} + i] = ({TYPES[kind.element]}){table.function}({angle}) for p < {positions}, i < {half}"
    )
