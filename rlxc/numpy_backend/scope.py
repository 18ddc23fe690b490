"""What the printing of an expression may ask for: the text of a value, a size, a name for a part."""

from __future__ import annotations

from typing import Protocol

from xdsl.ir import SSAValue

from rlxc.numpy_backend.sizes.size import Size
from rlxc.numpy_backend.text.expression import Code


class Scope(Protocol):
    """The values of a function as they are known where an expression is printed."""

    def code(self, value: SSAValue) -> Code:
        """The expression of a value: its name, or its formula if it has none."""
        ...

    def size(self, value: SSAValue) -> Size:
        """The number in a value of an integer type."""
        ...

    def axis(self, value: SSAValue, axis: int) -> Size:
        """The size of an axis of a tensor."""
        ...

    def size_code(self, size: Size) -> Code:
        """The expression of a size."""
        ...

    def is_nonnegative(self, value: SSAValue) -> bool:
        """Whether a value is known to be a size that is 0 or more."""
        ...

    def define(self, hint: str, code: Code) -> Code:
        """Give an expression a name, in a line before the one that is being printed."""
        ...

    def use_helper(self, name: str) -> None:
        """Have a function of `rlxc.numpy_backend.helpers` printed into the module."""
        ...
