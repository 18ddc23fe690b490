"""A sandbox for templates that bounds time and memory too."""

from __future__ import annotations

import json
from collections.abc import Callable, Sized
from functools import wraps
from typing import Any, cast

from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

MOST_STEPS = 100_000
"""Rounds of loops and calls of macros."""

MOST_LENGTH = 1_000_000
"""Characters of a string, elements of a list; also the largest number that a filter or method may be given."""

MOST_TEMPLATE = 1_000_000
"""Characters of a template."""

PADDING = ("center", "do_center", "indent", "ljust", "rjust", "zfill", "expandtabs", "tojson", "batch", "slice")
"""What makes a string or list as long as its argument says."""

OPERATORS = ("*", "**", "+", "%")


class SandboxLimitError(Exception):
    """A template would take too long, or too much memory."""


class GenerationBlocks(Extension):
    """`{% generation %}`, which marks what the assistant says for training: its content as it is."""

    tags = {"generation"}  # noqa: RUF012

    def parse(self, parser: Parser) -> list[nodes.Node]:
        """The content."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja as chat templates expect it, with limits."""

    intercepted_binops = frozenset(OPERATORS)

    def __init__(self) -> None:
        super().__init__(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", GenerationBlocks])
        self._steps = 0
        self.filters = {name: limited(name, function) for name, function in self.filters.items()}
        self.filters["tojson"] = limited("tojson", to_json)
        del self.globals["lipsum"]
        cast(Any, self.globals).update(_step=self.step, _join=concatenated, range=bounded_range)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        if len(source) > MOST_TEMPLATE:
            raise SandboxLimitError(f"it has {len(source)} characters, more than {MOST_TEMPLATE}")
        return cast(nodes.Template, Limits().visit(super()._parse(source, name, filename)))

    def step(self) -> str:
        """Count one round of a loop."""
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise SandboxLimitError(f"it takes more than {MOST_STEPS} steps")
        return ""

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """An operator, if its result is not too large."""
        check_operands(operator, left, right)
        return checked(super().call_binop(context, operator, left, right))

    def call(self, /, context: Context, function: Any, *arguments: Any, **named: Any) -> Any:
        """A function or method, if its arguments and result are not too large."""
        # Jinja wraps the methods of strings that format.
        owner = getattr(getattr(function, "__wrapped__", function), "__self__", None)
        check_arguments(str(getattr(function, "__name__", "")), (owner, *arguments), named)
        return checked(super().call(context, function, *arguments, **named))


class Limits(NodeTransformer):
    """Makes every loop and macro count its rounds, and `~` check its result."""

    def visit_For(self, node: nodes.For) -> nodes.For:
        """Count a round of a loop."""
        self.generic_visit(node)
        node.body.insert(0, counted(node))
        return node

    def visit_Macro(self, node: nodes.Macro) -> nodes.Macro:
        """Count a call of a macro."""
        self.generic_visit(node)
        node.body.insert(0, counted(node))
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Call:
        """`a ~ b` as a call."""
        self.generic_visit(node)
        return nodes.Call(name("_join", node), node.nodes, [], None, None, lineno=node.lineno)


def counted(node: nodes.Node) -> nodes.Output:
    """`{{ _step() }}`, which writes nothing."""
    call = nodes.Call(name("_step", node), [], [], None, None, lineno=node.lineno)
    return nodes.Output([call], lineno=node.lineno)


def name(text: str, node: nodes.Node) -> nodes.Expr:
    """A global of the sandbox."""
    return nodes.Name(text, "load", lineno=node.lineno)


def limited(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter whose arguments and result are checked."""

    @wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        check_arguments(name, arguments, named)
        return checked(function(*arguments, **named))

    return call


def check_arguments(name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    """Refuse numbers that ask for a long result, and `replace` and `join`, which multiply lengths."""
    values = [*arguments, *named.values()]
    for value in values:
        if isinstance(checked(value), int) and abs(value) > MOST_LENGTH and name in PADDING:
            raise SandboxLimitError(f"a result longer than {MOST_LENGTH} is refused")
    sizes = [len(cast(Sized, value)) for value in values if isinstance(value, str | list | tuple)]
    if name in ("replace", "join", "do_replace", "sync_do_join") and sizes:
        first, *others = sorted(sizes, reverse=True)
        if first * (1 + max(others, default=0)) > 10 * MOST_LENGTH:
            raise SandboxLimitError(f"'{name}' of strings that long is refused")
    if name in ("format", "do_format", "format_map") and any(wide(value) for value in values):
        raise SandboxLimitError("a format that wide is refused")


def check_operands(operator: str, left: Any, right: Any) -> None:
    """Refuse an operator whose result would be too large."""
    match operator:
        case "*" if isinstance(left, Sized) or isinstance(right, Sized):
            sized, factor = (left, right) if isinstance(left, Sized) else (right, left)
            if isinstance(factor, int) and len(cast(Sized, sized)) * factor > MOST_LENGTH:
                raise SandboxLimitError(f"a result longer than {MOST_LENGTH} is refused")
        case "**" if not (isinstance(right, int | float) and abs(right) <= 64):
            raise SandboxLimitError("an exponent above 64 is refused")
        case "%" if wide(left):
            raise SandboxLimitError("a format that wide is refused")
        case _:
            pass


def wide(form: object) -> bool:
    """Whether a format may ask for a width of six digits, or takes it from an argument."""
    if not isinstance(form, str):
        return False
    return "*" in form or "{:{" in form or any(part.isdigit() for part in _windows(form))


def _windows(form: str) -> list[str]:
    return [form[start : start + 6] for start in range(len(form) - 5)]


def checked(value: Any) -> Any:
    """The value, unless it is too large."""
    if (len(cast(Sized, value)) if isinstance(value, str | list | tuple | dict) else 0) > MOST_LENGTH:
        raise SandboxLimitError(f"a result longer than {MOST_LENGTH} is refused")
    if isinstance(value, int) and abs(value) > 10**18:
        raise SandboxLimitError("a number that large is refused")
    return cast(Any, value)


def concatenated(*parts: Any) -> str:
    """The parts as one string."""
    return checked("".join(str(part) for part in parts))


def bounded_range(*limits: int) -> range:
    """`range`, of at most `MOST_STEPS` numbers."""
    found = range(*limits)
    if len(found) > MOST_STEPS:
        raise SandboxLimitError(f"a range of more than {MOST_STEPS} numbers is refused")
    return found


def to_json(value: Any, indent: int | None = None, ensure_ascii: bool = False) -> str:
    """JSON, without the escapes for HTML that Jinja's own filter writes."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent)
