"""Names with arguments: stages, and values that functions make."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any, Protocol

from lark import Token, Tree

from rlxc.diagnostics import RlxcError, did_you_mean
from rlxc.flow.language.source import FlowText, Node, rules, words
from rlxc.flow.language.stage_table import Callee


class Evaluator(Protocol):
    """What gives values of expressions."""

    @property
    def source(self) -> FlowText:
        """The text."""
        ...

    def value(self, node: Node) -> Any:
        """The value of an expression."""
        ...


def call(evaluator: Evaluator, tree: Tree[Token], table: Mapping[str, Callee], kind: str) -> Any:
    """What a call makes. Raises RlxcError, at the argument that is wrong if it is known, or else at the call."""
    source, (name,) = evaluator.source, words(tree)
    if name not in table:
        hint = f"{kind}s: {', '.join(table)}"
        raise source.error(name, f"unknown {kind} '{name}'{did_you_mean(str(name), table)}", hint)
    callee = table[str(name)]
    nodes = arguments(source, tree, str(name), callee.parameters)
    values = {field: evaluator.value(node) for field, node in nodes.items()}
    try:
        return callee.make(**values)
    except RlxcError as error:
        if error.location is not None:
            raise
        raise source.error(blamed(error.message, nodes, name), error.message, error.hint) from error
    except (TypeError, ValueError) as error:
        raise source.error(name, f"{name}: {error}") from error


def arguments(
    source: FlowText, tree: Tree[Token], name: str, parameters: Mapping[str, inspect.Parameter]
) -> dict[str, Node]:
    """The expressions of a call by the name of their arguments; those without one are the first in order."""
    found: dict[str, Node] = {}
    given = [child for listed in rules(tree, "arguments") for child in listed.children]
    for index, node in enumerate(given):
        assert isinstance(node, Tree)
        if node.data == "option":
            key, value = node.children
            field = str(key)
            if field not in parameters:
                hint = f"arguments of {name}: {', '.join(parameters)}"
                raise source.error(key, f"{name} has no argument '{field}'{did_you_mean(field, parameters)}", hint)
        elif len(found) < index or any(rule.data == "option" for rule in rules_of(given[:index])):
            raise source.error(node, "an argument without a name stands behind one with a name")
        elif index >= len(parameters):
            raise source.error(node, f"{name} takes {len(parameters)} arguments at most")
        else:
            field, value = list(parameters)[index], node
        if field in found:
            raise source.error(node, f"the argument '{field}' is given twice")
        found[field] = value
    require_all(source, tree, name, parameters, found)
    return found


def rules_of(nodes: list[Any]) -> list[Tree[Token]]:
    """The nodes that are rules."""
    return [node for node in nodes if isinstance(node, Tree)]


def require_all(
    source: FlowText,
    tree: Tree[Token],
    name: str,
    parameters: Mapping[str, inspect.Parameter],
    found: Mapping[str, Node],
) -> None:
    """Raise RlxcError if an argument without a default is missing."""
    missing = [
        f"'{field}'"
        for field, parameter in parameters.items()
        if parameter.default is inspect.Parameter.empty and field not in found
    ]
    if missing:
        raise source.error(tree, f"{name} lacks {', '.join(missing)}", f"write {name}({missing[0][1:-1]} = ...)")


def blamed(message: str, nodes: Mapping[str, Node], name: Token) -> Node:
    """The argument that a message is about: the first that it names."""
    mentioned = [word for word in re.findall(r"\w+", message) if word in nodes]
    return nodes[mentioned[0]] if mentioned else name
