"""`ModelFlow`: inputs and stages, chained."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple, cast

from xdsl.dialects.builtin import AnyFloat, ArrayAttr, DictionaryAttr, ModuleOp, f32
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region, SSAValue
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.hints import isa

from rlxc.diagnostics import RlxcError, SourceLocation
from rlxc.flow.built import BuiltModel
from rlxc.flow.inputs import ElementName, FlowInput
from rlxc.flow.names import require_identifier
from rlxc.flow.places import place_of_call
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage
from rlxc.weights.open import Weights, as_source


class Step(NamedTuple):
    """A stage, and where the flow's text adds it."""

    stage: Stage
    place: SourceLocation | None


@dataclass(frozen=True)
class ModelFlow:
    """A model as a line of stages. Each method gives a new flow; the old one stays as it is.

    ```python
    flow = (ModelFlow("attn").input("x", ("B", "S", 2048))
            .stage(RopeTables(theta=500000.0, n_rot=64, max_positions=4096))
            .stage(SelfAttnPrefill(spec)))
    built = flow.build(weights)
    ```
    """

    name: str
    inputs: tuple[FlowInput, ...] = ()
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        require_identifier("the name of a flow", self.name)

    def input(self, name: str, shape: Iterable[int | str], dtype: ElementName = "f32") -> ModelFlow:
        """Declare an input. The first is what goes into the first stage, the others are for stages to pick.

        `shape` mixes sizes and names, `("B", "S", 2048)`; `dtype` is f32, f64, i1, i32 or i64, or index
        with the shape `()` for one whole number.
        """
        return self._declare(name, shape, dtype, state=False)

    def state(self, name: str, shape: Iterable[int | str], dtype: ElementName = "f32") -> ModelFlow:
        """Declare an input that stages replace, such as a cache. Its last value is a result, after that of the flow.

        The states are returned in the order of their declaration, and their arrays may be overwritten.
        """
        return self._declare(name, shape, dtype, state=True)

    def _declare(self, name: str, shape: Iterable[int | str], dtype: ElementName, *, state: bool) -> ModelFlow:
        if isinstance(shape, str | int):
            raise RlxcError(f"input '{name}': the shape must be a tuple, got {shape!r}")
        declared = FlowInput(name, tuple(shape), dtype, state)
        if any(other.name == name for other in self.inputs):
            raise RlxcError(f"the flow has an input '{name}' already")
        return replace(self, inputs=(*self.inputs, declared))

    def stage(self, stage: Stage) -> ModelFlow:
        """Add a stage."""
        return self._with([stage], place_of_call())

    def stages(self, stages: Iterable[Stage]) -> ModelFlow:
        """Add several stages."""
        return self._with(stages, place_of_call())

    def _with(self, stages: Iterable[Stage], place: SourceLocation | None) -> ModelFlow:
        added = tuple(Step(stage, place) for stage in stages)
        for step in added:
            if not isinstance(cast(object, step.stage), Stage):
                raise RlxcError(
                    f"{step.stage!r} is not a stage",
                    hint="wrap a spec in its stage, as in SelfAttnPrefill(spec), and a function in Custom(fn)",
                )
        return replace(self, steps=(*self.steps, *added))

    def build(self, weights: Weights | None = None) -> BuiltModel:
        """The module of the flow, and the tensors that it needs of `weights`.

        `weights` maps keys to arrays, or is a weight source or the path of a weight file. Raises
        RlxcError, naming the stage, if something is missing or does not fit.
        """
        if not self.inputs:
            raise RlxcError(
                f"flow '{self.name}' has no input", hint='declare what it takes: .input("x", ("B", "S", 2048))'
            )
        block = Block(arg_types=[declared.type for declared in self.inputs])
        for declared, argument in zip(self.inputs, block.args, strict=True):
            argument.name_hint = declared.name
        named = zip(self.inputs, block.args, strict=True)
        side_inputs = {declared.name: argument for declared, argument in list(named)[1:]}
        ctx = FlowContext(block, as_source(weights), element_type(block.args[0]), side_inputs)
        result = self._emit_steps(ctx, block.args[0])
        states = [ctx.inputs[declared.name] for declared in self.inputs if declared.state]
        block.add_op(ReturnOp(result, *states))
        return BuiltModel(self.name, self._module(block), ctx.parameters.arrays, self.inputs)

    def _emit_steps(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        for stage, place in self.steps:
            with ctx.within(stage.label, place):
                x = stage.emit(ctx, x)
                if not isinstance(cast(object, x), SSAValue):
                    raise RlxcError(f"emit must give the value for the next stage, got {x!r}")
        if ctx.residuals:
            raise RlxcError(
                f"flow '{self.name}': {len(ctx.residuals)} ResidualSave without a ResidualAdd",
                hint="end each residual block with ResidualAdd()",
            )
        return x

    def _module(self, block: Block) -> ModuleOp:
        returned = block.last_op
        assert returned is not None
        types = ([argument.type for argument in block.args], [value.type for value in returned.operands])
        function = FuncOp(self.name, types, Region(block))
        function.arg_attrs = ArrayAttr(DictionaryAttr(declared.attributes) for declared in self.inputs)
        module = ModuleOp([function])
        try:
            module.verify()
        except VerifyException as error:
            raise RlxcError(f"flow '{self.name}': {' '.join(str(error).split())}") from error
        return module


def element_type(x: SSAValue) -> AnyFloat:
    """The element type of weights and activations: that of the first input, f32 if it holds no real numbers."""
    element = getattr(x.type, "element_type", None)
    return element if isa(element, AnyFloat) else f32
