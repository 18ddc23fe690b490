"""From the tree of a text to a flow: declarations and stages, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from lark import Token, Tree

from rlxc.diagnostics import RlxcError
from rlxc.flow.inputs import ElementName, FlowInput
from rlxc.flow.language.calls import call
from rlxc.flow.language.expressions import Expressions, is_whole, shown
from rlxc.flow.language.source import FlowText, Node, parts, rules, words
from rlxc.flow.language.stage_table import STAGES, Callee
from rlxc.flow.model_flow import ModelFlow
from rlxc.flow.steps import LayerStep, Step
from rlxc.stages import ResidualAdd, ResidualSave, Stage

MOST_REPEATS = 4096
MOST_STATEMENTS = 2**18
"""Statements that are read, each as often as it is repeated."""

LARGEST_SIZE = 2**31


@dataclass
class Builder:
    """Reads statements; `steps` are those of the layer or flow that is being read."""

    source: FlowText
    flow: ModelFlow
    stages: Mapping[str, Callee] = field(default_factory=lambda: STAGES)
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict[str, tuple[int, ...]])
    steps: list[Step | LayerStep] = field(default_factory=list[Step | LayerStep])
    scope: str | None = None
    statements: int = 0

    def finished(self) -> ModelFlow:
        """The flow with all that has been read."""
        return replace(self.flow, steps=tuple(self.steps))

    def block(self, tree: Tree[Token], values: Mapping[str, Any]) -> None:
        """Read the statements of a block. What it names by `let` is known in it only."""
        known = Expressions(self.source, dict(values))
        for statement in parts(tree):
            self.statements += 1
            if self.statements > MOST_STATEMENTS:
                raise self.source.error(statement, f"more than {MOST_STATEMENTS} statements, with repetitions")
            getattr(self, f"_{statement.data}")(statement, known)

    def _let(self, tree: Tree[Token], known: Expressions) -> None:
        name, expression = tree.children
        value = known.value(expression)
        known.values = {**known.values, str(name): value}

    def _input(self, tree: Tree[Token], known: Expressions) -> None:
        self._declare(tree, known, state=False)

    def _state(self, tree: Tree[Token], known: Expressions) -> None:
        self._declare(tree, known, state=True)

    def _weight(self, tree: Tree[Token], known: Expressions) -> None:
        (name,) = words(tree)
        key = (self.scope or "") + known.text(name)
        shape = self._shape(rules(tree, "shape"), known)
        sizes = tuple(size for size in shape if isinstance(size, int))
        if sizes != shape:
            raise self.source.error(tree, f"the weight '{key}' must have sizes that are numbers")
        if self.shapes.setdefault(key, sizes) != sizes:
            raise self.source.error(name, f"the weight '{key}' has shape {list(self.shapes[key])} already")

    def _residual(self, tree: Tree[Token], known: Expressions) -> None:
        self._add(tree, ResidualSave())
        self.block(parts(tree)[0], known.values)
        self._add(tree, ResidualAdd())

    def _repeat(self, tree: Tree[Token], known: Expressions) -> None:
        count_node, name, block = tree.children
        count = known.value(count_node)
        if not is_whole(count) or not 0 <= count <= MOST_REPEATS:
            message = f"the count must be a whole number from 0 to {MOST_REPEATS}, got {shown(count)}"
            raise self.source.error(count_node, message)
        assert isinstance(block, Tree)
        for number in range(count):
            self.block(block, {**known.values, str(name): number})

    def _when(self, tree: Tree[Token], known: Expressions) -> None:
        condition, block, *otherwise = parts(tree)
        if known.truth(condition):
            self.block(block, known.values)
        elif otherwise and otherwise[0].data == "when":
            self._when(otherwise[0], known)
        elif otherwise:
            self.block(otherwise[0], known.values)

    def _layer(self, tree: Tree[Token], known: Expressions) -> None:
        if self.scope is not None:
            raise self.source.error(tree, "a layer within a layer", "end the first one before")
        name = words(tree)[0]
        outer, self.steps, self.scope = self.steps, [], known.text(name)
        names = self._names(tree, known)
        self.block(rules(tree, "block")[0], known.values)
        steps = tuple(step for step in self.steps if isinstance(step, Step))
        outer.append(LayerStep(self.scope, steps, names, self.source.place(tree)))
        self.steps, self.scope = outer, None

    def _stage(self, tree: Tree[Token], known: Expressions) -> None:
        self._add(tree, call(known, tree, self.stages, "stage"))

    def _names(self, tree: Tree[Token], known: Expressions) -> tuple[tuple[str, str], ...]:
        """What inputs and streams of the flow are called in a layer; `none` leaves a name out."""
        names: dict[str, str] = {}
        for option in (one for listed in rules(tree, "arguments") for one in parts(listed)):
            if option.data != "option":
                raise self.source.error(option, "expected a name for an input", 'write layer "..." (k = "k_{i}")')
            own, node = option.children
            value = known.value(node)
            if value is not None and not isinstance(value, str):
                raise self.source.error(node, f"expected the name of an input, got {shown(value)}")
            if value is not None:
                names[str(own)] = value
        return tuple(names.items())

    def _add(self, tree: Tree[Token], stage: Stage) -> None:
        self.steps.append(Step(stage, self.source.place(tree)))

    def _declare(self, tree: Tree[Token], known: Expressions, *, state: bool) -> None:
        word = words(tree)[0]
        if self.scope is not None:
            raise self.source.error(tree, f"a layer declares no {tree.data}s", "declare it before, in the model")
        name = known.text(word) if word.type == "STRING" else str(word)
        shape = self._shape(rules(tree, "shape"), known)
        element = next((str(words(rule)[0]) for rule in rules(tree, "element")), "f32")
        try:
            declared = FlowInput(name, shape, cast(ElementName, element), state)
        except RlxcError as error:
            raise self.source.error(word, error.message, error.hint) from error
        if any(other.name == name for other in self.flow.inputs):
            raise self.source.error(word, f"the flow has an input '{name}' already")
        self.flow = replace(self.flow, inputs=(*self.flow.inputs, declared))

    def _shape(self, shapes: list[Tree[Token]], known: Expressions) -> tuple[int | str, ...]:
        return tuple(self._size(node, known) for shape in shapes for node in shape.children)

    def _size(self, node: Node, known: Expressions) -> int | str:
        size = known.value(node)
        if isinstance(size, str) or (is_whole(size) and 1 <= size <= LARGEST_SIZE):
            return size
        raise self.source.error(node, f"a size must be a positive whole number or a string, got {shown(size)}")
