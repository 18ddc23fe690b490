"""`ModelFlow`: inputs and stages, chained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from xdsl.dialects.builtin import AnyFloat, ArrayAttr, DictionaryAttr, ModuleOp, f32
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, Region, SSAValue
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.hints import isa

from rlxc.diagnostics import RlxcError
from rlxc.flow.built import BuiltModel
from rlxc.flow.inputs import ElementName, FlowInput
from rlxc.flow.layers import Layers
from rlxc.flow.names import require_identifier
from rlxc.flow.places import place_of_call
from rlxc.flow.steps import LayerStep, Step, emit_step, require_no_residuals, steps_of
from rlxc.stages.context import FlowContext
from rlxc.stages.stage import Stage
from rlxc.weights.open import Weights, as_source


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
    steps: tuple[Step | LayerStep, ...] = ()

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
        return replace(self, steps=(*self.steps, *steps_of([stage], place_of_call())))

    def stages(self, stages: Iterable[Stage]) -> ModelFlow:
        """Add several stages."""
        return replace(self, steps=(*self.steps, *steps_of(stages, place_of_call())))

    def layer(self, scope: str, stages: Iterable[Stage], inputs: Mapping[str, str] = MappingProxyType({})) -> ModelFlow:
        """Add stages as a function of its own, which layers of equal stages share: they are compiled once.

        `scope` comes before the keys of all weights of these stages. `inputs` says which input, state or stream of the
        flow the stages mean by a name, as in `{"k_cache": "k_cache_3"}`; other names are those of the flow.
        """
        place = place_of_call()
        step = LayerStep(scope, steps_of(stages, place), tuple(inputs.items()), place)
        return replace(self, steps=(*self.steps, step))

    def repeat(
        self, count: int, scope: str, stages: Iterable[Stage], inputs: Mapping[str, str] = MappingProxyType({})
    ) -> ModelFlow:
        """Add `count` layers of equal stages. `{}` is the number of the layer, from 0, in `scope` and in `inputs`.

        ```python
        flow.repeat(16, "model.layers.{}.", stages, {"k_cache": "k_cache_{}", "v_cache": "v_cache_{}"})
        ```
        """
        place, flow = place_of_call(), self
        steps = steps_of(stages, place)
        for number in range(count):
            own = tuple((name, other.format(number)) for name, other in inputs.items())
            flow = replace(flow, steps=(*flow.steps, LayerStep(scope.format(number), steps, own, place)))
        return flow

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
        layers = Layers(self.name, self.inputs)
        result = self._emit_steps(ctx, block.args[0], layers)
        states = [ctx.inputs[declared.name] for declared in self.inputs if declared.state]
        block.add_op(ReturnOp(result, *states))
        return BuiltModel(self.name, self._module(block, layers), ctx.parameters.arrays, self.inputs)

    def _emit_steps(self, ctx: FlowContext, x: SSAValue, layers: Layers) -> SSAValue:
        for step in self.steps:
            if isinstance(step, Step):
                x = emit_step(ctx, x, step)
            else:
                with ctx.within(step.label, step.place):
                    x = layers.call(ctx, step, x)
        require_no_residuals(ctx, f"flow '{self.name}'")
        return x

    def _module(self, block: Block, layers: Layers) -> ModuleOp:
        returned = block.last_op
        assert returned is not None
        types = ([argument.type for argument in block.args], [value.type for value in returned.operands])
        function = FuncOp(self.name, types, Region(block))
        function.arg_attrs = ArrayAttr(DictionaryAttr(declared.attributes) for declared in self.inputs)
        module = ModuleOp([function, *layers.functions])
        try:
            module.verify()
        except VerifyException as error:
            raise RlxcError(f"flow '{self.name}': {' '.join(str(error).split())}") from error
        return module


def element_type(x: SSAValue) -> AnyFloat:
    """The element type of weights and activations: that of the first input, f32 if it holds no real numbers."""
    element = getattr(x.type, "element_type", None)
    return element if isa(element, AnyFloat) else f32
