"""What a function is but for the names of values, its own name, and the beginning of its keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from xdsl.dialects.func import CallOp, FuncOp
from xdsl.ir import Attribute, Operation, SSAValue

from rlxc.dialects.rlx import ParamOp
from rlxc.dialects.rlx.attribute_names import SCOPE
from rlxc.dialects.rlx.scope import scope_of

_NAMES = ("sym_name", "keys", SCOPE)
"""What differs in equal functions."""


@dataclass(frozen=True)
class Outline:
    """Equal for functions of which one can stand for the other: all operations, and what follows the scope in keys."""

    operations: tuple[object, ...]
    keys: tuple[str, ...]

    @staticmethod
    def of(function: FuncOp) -> Outline:
        """The outline of a function."""
        return Outline(tuple(_described(function, {})), tuple(_relative_keys(function)))


def scope_in(function: FuncOp) -> str:
    """What all keys of a function begin with, up to a dot; nothing if it has none."""
    keys = list(_keys(function))
    if not keys:
        return ""
    first, last = min(keys), max(keys)
    common = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    return common[: common.rfind(".") + 1]


def difference(first: FuncOp, second: FuncOp) -> str:
    """Where two functions with the same kinds of operations differ."""
    pairs = zip(first.walk(), second.walk(), strict=True)
    for one, other in pairs:
        for name, value in _attributes(one).items():
            if _attributes(other).get(name) != value:
                return f"'{name}' of {one.name}: {value} and {_attributes(other).get(name)}"
        if [result.type for result in one.results] != [result.type for result in other.results]:
            return f"the types of {one.name}"
    if list(_relative_keys(first)) != list(_relative_keys(second)):
        return "the keys of its weights"
    return "how its operations are connected"


def _relative_keys(function: FuncOp) -> Iterator[str]:
    scope = scope_in(function)
    return (key.removeprefix(scope) for key in _keys(function))


def _keys(function: FuncOp) -> Iterator[str]:
    """The keys of the weights, and the scopes of calls, which stand before the keys of others."""
    for op in function.walk():
        if isinstance(op, ParamOp):
            yield from op.key_names
        elif isinstance(op, CallOp):
            yield scope_of(op)


def _attributes(op: Operation) -> dict[str, Attribute]:
    return {name: value for name, value in (op.properties | op.attributes).items() if name not in _NAMES}


def _described(op: Operation, numbers: dict[SSAValue, int]) -> Iterator[object]:
    """The operation and those inside it, with a number for each value."""
    yield op.name, tuple(numbers.get(value, -1) for value in op.operands), frozenset(_attributes(op).items())
    for result in op.results:
        numbers[result] = len(numbers)
        yield result.type
    for region in op.regions:
        for block in region.blocks:
            for argument in block.args:
                numbers[argument] = len(numbers)
                yield argument.type
            for inner in block.ops:
                yield from _described(inner, numbers)
