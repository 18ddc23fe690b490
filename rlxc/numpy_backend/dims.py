"""The sizes of axes as variables: `B, S = x.shape[:2]`."""

from __future__ import annotations

from collections.abc import Iterable

from xdsl.dialects.builtin import TensorType
from xdsl.ir import Attribute, BlockArgument, SSAValue
from xdsl.utils.hints import isa

from rlxc.numpy_backend.sizes.size import Size
from rlxc.numpy_backend.text.expression import Code
from rlxc.numpy_backend.values import Values
from rlxc.passes.arguments import dim_names
from rlxc.passes.lowering.dims import Dim, dim_source


def declare_dims(values: Values, tensor: SSAValue) -> None:
    """Bind the sizes that enter the function with a tensor, each to a variable of its own."""
    for axis, hint in entering_dims(tensor).items():
        name = values.variables.reserve(hint)
        values.print(f"{name} = {values.code(tensor)}.shape[{axis}]", defines=name)
        values.size_names[Size.of(Dim(tensor, axis))] = Code(name)


def entering_dims(tensor: SSAValue[Attribute]) -> dict[int, str]:
    """The axes of a tensor whose sizes nothing before it shows, and what to call them."""
    if not isa(tensor.type, TensorType):
        return {}
    names = dim_names(tensor) if isinstance(tensor, BlockArgument) else dict[int, str]()
    return {
        axis: names.get(axis, f"{tensor.name_hint or 'x'}_dim{axis}")
        for axis in range(tensor.type.get_num_dims())
        if dim_source(tensor, axis) == Dim(tensor, axis)
    }


def shape_line(name: str, rank: int, dims: Iterable[tuple[int, str]]) -> str | None:
    """`B, S = x.shape[:2]` for the first axes of a tensor; None unless there are several, in order."""
    axes, names = zip(*dims, strict=True)
    if len(axes) < 2 or list(axes) != list(range(len(axes))):
        return None
    return f"{', '.join(names)} = {name}.shape" + ("" if len(axes) == rank else f"[:{len(axes)}]")
