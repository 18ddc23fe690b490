"""Which input of the flow a mask reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from xdsl.dialects.builtin import AnyFloat, TensorType, i1
from xdsl.ir import Attribute, SSAValue
from xdsl.utils.hints import isa

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.stages.masks import Bias, Padding


class InputKind(NamedTuple):
    """What an input must be like, and the arguments that declare one."""

    what: str
    arguments: str
    fits: Callable[[SSAValue], bool]

    def declaration(self, name: str) -> str:
        """The line of a flow that declares such an input."""
        return f'.input("{name}", {self.arguments})'


def is_padding(value: SSAValue) -> bool:
    """Whether an input is boolean and of rank 2."""
    return isa(value.type, TensorType[Attribute]) and value.type.element_type == i1 and value.type.get_num_dims() == 2


def is_bias(value: SSAValue) -> bool:
    """Whether an input holds floating-point numbers and is of rank 4."""
    return isa(value.type, TensorType[AnyFloat]) and value.type.get_num_dims() == 4


KINDS = {
    Padding: InputKind("a boolean input of rank 2", '("B", "S"), dtype="i1"', is_padding),
    Bias: InputKind("a floating-point input of rank 4", '("B", 1, "S", "S")', is_bias),
}


def mask_input(inputs: Mapping[str, SSAValue], mask: Padding | Bias) -> SSAValue:
    """The side input that `mask` names, or the only one that fits.

    Raises RlxcError, with the remedy, if there is none, or if several fit and none is named.
    """
    kind = KINDS[type(mask)]
    call = type(mask).__name__.lower()
    if mask.input is not None:
        return _named(inputs, mask.input, kind, call)
    fitting = [name for name, value in inputs.items() if kind.fits(value)]
    if not fitting:
        raise RlxcError(
            f"mask {call}() needs {kind.what}, but the flow declares none",
            hint=f"add {kind.declaration(call)} to the flow",
        )
    if len(fitting) > 1:
        raise RlxcError(
            f"mask {call}() can read any of the inputs {', '.join(fitting)}",
            hint=f"name one: {call}(input='{fitting[0]}')",
        )
    return inputs[fitting[0]]


def _named(inputs: Mapping[str, SSAValue], name: str, kind: InputKind, call: str) -> SSAValue:
    if name not in inputs:
        raise RlxcError(
            f"mask {call}(input='{name}'): the flow declares no side input '{name}'{did_you_mean(name, inputs)}",
            hint=f"add {kind.declaration(name)} to the flow",
        )
    if not kind.fits(inputs[name]):
        raise RlxcError(
            f"mask {call}(input='{name}') needs {kind.what}, but '{name}' is {inputs[name].type}",
            hint=f"declare it by {kind.declaration(name)}",
        )
    return inputs[name]
