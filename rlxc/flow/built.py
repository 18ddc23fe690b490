"""A flow that has become a module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xdsl.dialects.builtin import ModuleOp

from rlxc.flow.inputs import FlowInput
from rlxc.weights.source import Array


@dataclass(frozen=True)
class BuiltModel:
    """A verified module whose one function `name` computes the flow, and the tensors that it needs.

    `params` holds these by key, as stored, in the element type of the flow. `print(built)` shows the module.
    """

    name: str
    module: ModuleOp = field(repr=False)
    params: Mapping[str, Array] = field(repr=False)
    inputs: tuple[FlowInput, ...]

    def __str__(self) -> str:
        return str(self.module)
