"""Flows from texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from rlxc.flow.language.builder import Builder
from rlxc.flow.language.declared_weights import DeclaredWeights
from rlxc.flow.language.grammar import parse
from rlxc.flow.language.source import FlowText, rules, words
from rlxc.flow.language.stage_table import STAGES, Callee
from rlxc.flow.model_flow import ModelFlow

NO_STAGES: Mapping[str, Callee] = MappingProxyType({})


@dataclass(frozen=True)
class FlowFromText:
    """A flow, and the shapes of the weights that its text declares."""

    flow: ModelFlow
    weights: DeclaredWeights


def read_flow(
    text: str, name: str = "<text>", config: Mapping[str, Any] | None = None, stages: Mapping[str, Callee] = NO_STAGES
) -> FlowFromText:
    """The flow that the text of the file `name` describes, with the numbers of a config.

    `stages` are further ones that the text may name. Raises RlxcError, with the place, if anything is wrong.
    """
    source = FlowText(text, name)
    tree = parse(source)
    builder = Builder(source, ModelFlow(str(words(tree)[0])), {**STAGES, **stages})
    parameter = [str(words(rule)[0]) for rule in rules(tree, "parameter")]
    builder.block(rules(tree, "block")[0], dict.fromkeys(parameter, config or {}))
    return FlowFromText(builder.finished(), DeclaredWeights(builder.shapes, name))
