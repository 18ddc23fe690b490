"""The weights and rope tables that a function takes: how each is made, and the name it has in `params`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xdsl.dialects.builtin import ArrayAttr, FloatAttr, StringAttr, TensorType
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, BlockArgument
from xdsl.utils.hints import isa

from rlxc.numpy_backend.arrays.dtypes import dtype
from rlxc.numpy_backend.errors import unsupported
from rlxc.numpy_backend.text.expression import Code, attribute, call, real, string, tuple_of
from rlxc.numpy_backend.text.names import candidates
from rlxc.passes.arguments import argument_attributes
from rlxc.passes.attribute_names import DIGEST, KEYS, NAME, TABLE, THETA, TRANSPOSED


@dataclass(frozen=True)
class Parameter:
    """One argument that is made when weights are loaded."""

    argument: BlockArgument
    name: str
    """Its key in `params`."""
    element_type: str
    shape: tuple[int, ...]

    @property
    def is_table(self) -> bool:
        return TABLE in argument_attributes(self.argument)

    @property
    def helpers(self) -> tuple[str, ...]:
        """The helper functions that making it takes."""
        if self.is_table:
            return ("rope_table",)
        return ("stored", "checked") if self._digest is not None else ("stored",)

    @property
    def _digest(self) -> str | None:
        digest = argument_attributes(self.argument).get(DIGEST)
        return digest.data if isinstance(digest, StringAttr) else None

    def code(self, scope: str) -> Code:
        """The expression that makes it from `weights`; `scope` is the text of what stands before its keys, if any."""
        return self._table() if self.is_table else self._weight(scope)

    def _table(self) -> Code:
        attributes = argument_attributes(self.argument)
        match attributes.get(TABLE), attributes.get(THETA):
            case StringAttr(data="cos" | "sin" as kind), FloatAttr(value=theta):
                sizes = [str(size) for size in self.shape]
                return call("rope_table", f"np.{kind}", real(theta.data, 64), *sizes, self.element_type)
            case _:
                unsupported(_function_of(self.argument), f"the rope table {self.name!r} has no kind or no theta")

    def _weight(self, scope: str) -> Code:
        attributes = argument_attributes(self.argument)
        keys = attributes[KEYS]
        if not isa(keys, ArrayAttr[StringAttr]):
            unsupported(_function_of(self.argument), f"the keys of the weight {self.name!r} are not strings")
        transposed = TRANSPOSED in attributes
        shape = self.shape[::-1] if transposed else self.shape
        options = {"axis": "0"} if transposed and len(keys) > 1 else {}
        names = [f"{scope}{string(key.data)}" for key in keys]
        stored = call("stored", "weights", tuple_of([*map(str, shape)]), self.element_type, *names, **options)
        if self._digest is not None:
            stored = call("checked", stored, string(self._digest))
        return attribute(stored, "T") if transposed else stored


def parameters_of(function: FuncOp, arguments: Iterable[BlockArgument]) -> list[Parameter]:
    """The arguments of a function as parameters, in order, under different names."""
    found: list[Parameter] = []
    for argument in arguments:
        taken = {parameter.name for parameter in found}
        name = next(name for name in candidates(name_of(argument)) if name not in taken)
        if not isa(argument.type, TensorType) or not argument.type.has_static_shape():
            unsupported(function, f"the parameter {name!r} is not a tensor of static shape")
        element_type = dtype(function, argument.type.element_type)
        found.append(Parameter(argument, name, element_type, argument.type.get_shape()))
    return found


def name_of(argument: BlockArgument) -> str:
    """What callers call an argument."""
    name: Attribute | None = argument_attributes(argument).get(NAME)
    return name.data if isinstance(name, StringAttr) else argument.name_hint or f"arg{argument.index}"


def _function_of(argument: BlockArgument) -> FuncOp:
    function = argument.block.parent_op()
    assert isinstance(function, FuncOp)
    return function
