"""The declared inputs of a flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    ArrayAttr,
    IndexType,
    StringAttr,
    TensorType,
    UnitAttr,
    f32,
    f64,
    i1,
    i32,
    i64,
)
from xdsl.ir import Attribute

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.flow.names import require_identifier
from rlxc.passes.attribute_names import DIMS, DONATED, NAME

ELEMENT_TYPES = {"f32": f32, "f64": f64, "i1": i1, "i32": i32, "i64": i64, "index": IndexType()}

ElementName = Literal["f32", "f64", "i1", "i32", "i64", "index"]


@dataclass(frozen=True)
class FlowInput:
    """An input: `FlowInput("x", ("B", "S", 2048))`. A size is a number, or a name where only a call decides it.

    In a call, sizes of the same name must be equal. An `index` is one whole number and has the shape `()`.
    A `state` is what stages replace: the flow gives its last value too, and may overwrite the array.
    """

    name: str
    shape: tuple[int | str, ...]
    dtype: ElementName = "f32"
    state: bool = False

    def __post_init__(self) -> None:
        require_identifier("the name of an input", self.name)
        if self.dtype not in ELEMENT_TYPES:
            raise RlxcError(
                f"input '{self.name}': unknown dtype {self.dtype!r}{did_you_mean(str(self.dtype), ELEMENT_TYPES)}",
                hint=f"use one of {', '.join(ELEMENT_TYPES)}",
            )
        if self.dtype == "index" and self.shape:
            raise RlxcError(f"input '{self.name}': an index is one number, its shape must be ()")
        for size in self.shape:
            self._check_size(size)

    @property
    def type(self) -> Attribute:
        """The type of the argument; named sizes are dynamic."""
        if self.dtype == "index":
            return IndexType()
        sizes = (DYNAMIC_INDEX if isinstance(size, str) else size for size in self.shape)
        return TensorType(ELEMENT_TYPES[self.dtype], tuple(sizes))

    @property
    def attributes(self) -> dict[str, Attribute]:
        """The attributes of the argument: its name, and those of its dynamic sizes in order."""
        named = [StringAttr(size) for size in self.shape if isinstance(size, str)]
        dims: dict[str, Attribute] = {DIMS: ArrayAttr(named)} if named else {}
        donated: dict[str, Attribute] = {DONATED: UnitAttr()} if self.state else {}
        return {NAME: StringAttr(self.name), **dims, **donated}

    def _check_size(self, size: object) -> None:
        if isinstance(size, str):
            require_identifier(f"input '{self.name}': the name of a size", size)
        elif not isinstance(size, int) or isinstance(size, bool) or size < 1:
            raise RlxcError(
                f"input '{self.name}': a size must be a positive integer or a name, got {size!r}",
                hint='write the shape as ("B", "S", 2048)',
            )
