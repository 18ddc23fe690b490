"""Layers of a flow as functions, of which equal layers share one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr
from xdsl.dialects.func import CallOp, FuncOp, ReturnOp
from xdsl.ir import Attribute, Block, Region, SSAValue

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.dialects.rlx import ParamOp
from rlxc.dialects.rlx.scope import set_scope
from rlxc.flow.inputs import FlowInput
from rlxc.flow.isolated import function_type, isolate
from rlxc.flow.scoped_weights import ScopedWeights
from rlxc.flow.steps import LayerStep, emit_step, require_no_residuals
from rlxc.passes.attribute_names import DONATED, NAME
from rlxc.stages.context import FlowContext, stage_location
from rlxc.weights.source import Array


@dataclass(frozen=True)
class LayerFunction:
    """The function of a layer, and what calls need to know of it.

    `taken` are the values that it takes after `x`: inputs and streams by the names that the layer has for them, others
    as they are. `replaced` are the inputs whose new values it returns after its result, `weights` those of the first
    call by their keys in the layer, `outside` what else its stages could see.
    """

    function: FuncOp
    step: LayerStep
    taken: Sequence[str | SSAValue]
    replaced: Sequence[str]
    weights: Mapping[str, Array]
    outside: object

    @property
    def states_content(self) -> bool:
        """Whether the function says what its weights hold, and so is that of one layer only."""
        return any(isinstance(op, ParamOp) and op.digest is not None for op in self.function.walk())


class Layers:
    """The functions of the layers of a flow called `name`."""

    def __init__(self, name: str, inputs: Sequence[FlowInput]):
        self._name = name
        self._inputs = {declared.name: declared for declared in inputs}
        self._made: list[LayerFunction] = []

    @property
    def functions(self) -> list[FuncOp]:
        """All functions so far."""
        return [made.function for made in self._made]

    def call(self, ctx: FlowContext, step: LayerStep, x: SSAValue) -> SSAValue:
        """Emit a call of the function of a layer, which is made if there is none for such stages."""
        names = self._names(ctx, step)
        made = next((one for one in self._made if _fits(one, ctx, step, names, x)), None)
        if made is None:
            made = self._make(ctx, step, names, x)
            self._made.append(made)
        else:
            _add_weights(ctx, step, made)
        call = CallOp(
            made.function.sym_name.data, _passed(made, ctx, names, x), made.function.function_type.outputs.data
        )
        set_scope(call, step.scope)
        call.location = stage_location(step.label, step.place)
        ctx.block.add_op(call)
        result, *values = call.results
        for value, hint in zip(call.results, ("h", *map(names.__getitem__, made.replaced)), strict=True):
            value.name_hint = hint
        ctx.inputs |= {names[name]: value for name, value in zip(made.replaced, values, strict=True)}
        return result

    def _names(self, ctx: FlowContext, step: LayerStep) -> dict[str, str]:
        """The input or stream of the flow that each name stands for in the layer."""
        for name in dict(step.inputs).values():
            if name not in ctx.inputs and name not in ctx.streams:
                close = did_you_mean(name, {**ctx.inputs, **ctx.streams})
                raise RlxcError(f"the flow declares no input '{name}'{close}")
        return {name: name for name in ctx.inputs} | dict(step.inputs)

    def _make(self, ctx: FlowContext, step: LayerStep, names: Mapping[str, str], x: SSAValue) -> LayerFunction:
        block = Block(arg_types=[x.type])
        block.args[0].name_hint = "h"
        given = {own: ctx.inputs[name] for own, name in names.items() if name in ctx.inputs}
        streams = {own: ctx.streams[name] for own, name in step.inputs if own not in given}
        inner = FlowContext(block, ScopedWeights(ctx.parameters.source, step.scope), ctx.element_type, given)
        inner.rope, inner.streams = ctx.rope, ctx.streams | streams
        result: SSAValue = block.args[0]
        for each in step.steps:
            result = emit_step(inner, result, each)
        require_no_residuals(inner, step.label)
        replaced = [own for own, value in given.items() if inner.inputs[own] is not value]
        block.add_op(ReturnOp(result, *(inner.inputs[own] for own in replaced)))
        # A name that the layer gives to an input goes before the one that the flow has for it.
        by_value = {value: own for own, value in given.items() if own not in dict(step.inputs)}
        by_value |= {(given | streams)[own]: own for own, _ in step.inputs}
        taken = [by_value.get(value, value) for value in isolate(block)]
        function = FuncOp(self._fresh_name(), function_type(block), Region(block), visibility="private")
        attributes = [self._attributes(names[one], one in replaced) if isinstance(one, str) else {} for one in taken]
        function.arg_attrs = ArrayAttr(DictionaryAttr(each) for each in ({}, *attributes))
        weights = inner.parameters.arrays
        ctx.parameters.arrays |= {step.scope + key: array for key, array in weights.items()}
        return LayerFunction(function, step, taken, replaced, weights, _outside(ctx))

    def _attributes(self, name: str, replaced: bool) -> dict[str, Attribute]:
        """The names of the sizes of an input; the memory of one that is replaced may be overwritten.

        A stream has none.
        """
        if name not in self._inputs:
            return {}
        dropped = (NAME,) if replaced else (NAME, DONATED)
        return {key: value for key, value in self._inputs[name].attributes.items() if key not in dropped}

    def _fresh_name(self) -> str:
        taken = {self._name, *(function.sym_name.data for function in self.functions)}
        return next(name for number in range(len(taken) + 1) if (name := f"layer_{number}") not in taken)


def _fits(made: LayerFunction, ctx: FlowContext, step: LayerStep, names: Mapping[str, str], x: SSAValue) -> bool:
    """Whether a function computes the stages of a layer on `x`."""
    if made.step.stages != step.stages or made.outside != _outside(ctx) or made.states_content:
        return False
    if any(isinstance(one, str) and one not in names for one in (*made.taken, *made.replaced)):
        return False
    passed = _passed(made, ctx, names, x)
    return [value.type for value in passed] == list(made.function.function_type.inputs)


def _passed(made: LayerFunction, ctx: FlowContext, names: Mapping[str, str], x: SSAValue) -> list[SSAValue]:
    """What a call passes."""
    known = ctx.streams | ctx.inputs
    return [x, *(known[names[one]] if isinstance(one, str) else one for one in made.taken)]


def _outside(ctx: FlowContext) -> object:
    """What stages see besides `x`, weights and inputs."""
    return ctx.rope.default, dict(ctx.rope.named), dict(ctx.streams)


def _add_weights(ctx: FlowContext, step: LayerStep, made: LayerFunction) -> None:
    """Load the weights of another layer. Raises RlxcError if one has another shape than in the first."""
    source = ScopedWeights(ctx.parameters.source, step.scope)
    held = set(source.keys())
    for key, first in made.weights.items():
        if key not in held and key not in ScopedWeights(ctx.parameters.source, made.step.scope).keys():
            # An array that the stages themselves hold.
            ctx.parameters.arrays[step.scope + key] = first
            continue
        found = ctx.parameters.load(step.scope + key, "weights")
        if found.shape != first.shape:
            raise RlxcError(
                f"weight '{step.scope + key}' has shape {list(found.shape)}, "
                f"but {list(first.shape)} in {made.step.label}, whose stages are equal"
            )
