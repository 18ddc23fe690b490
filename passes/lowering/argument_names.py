"""Names of arguments for callers: readable, and unique in a function."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import count

from xdsl.dialects.builtin import StringAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import BlockArgument, Operation
from xdsl.utils.exceptions import PassFailedException

from rlxc.dialects.rlx import ParamOp, RopeTableOp
from rlxc.passes.arguments import argument_attributes
from rlxc.passes.attribute_names import NAME


def input_names(function: FuncOp) -> list[str]:
    """For each argument the name that it declares, else that of its value, else `arg0`, `arg1`, ...

    Raises PassFailedException if two arguments declare the same name.
    """
    declared = [_declared_name(argument) for argument in function.args]
    taken = {name for name in declared if name is not None}
    if len(taken) < len([name for name in declared if name is not None]):
        raise PassFailedException(f"two inputs of @{function.sym_name.data} have the same '{NAME}'")
    return [
        fresh_name(argument.name_hint or f"arg{position}", taken) if name is None else name
        for position, (argument, name) in enumerate(zip(function.args, declared, strict=True))
    ]


def load_time_names(operations: Sequence[Operation], taken: set[str]) -> list[str]:
    """A name for each weight and table: that of its value, else the end of its key.

    Where several would get the same name, the whole key tells them apart.
    """
    short = [op.results[0].name_hint or _short_name(op) for op in operations]
    uses = Counter(short)
    names = [name if uses[name] == 1 else _full_name(op) for name, op in zip(short, operations, strict=True)]
    return [fresh_name(name, taken) for name in names]


def _declared_name(argument: BlockArgument) -> str | None:
    name = argument_attributes(argument).get(NAME)
    return name.data if isinstance(name, StringAttr) else None


def fresh_name(name: str, taken: set[str]) -> str:
    """`name`, numbered if it is taken; it is taken from now on."""
    candidates = (name if number == 0 else f"{name}_{number}" for number in count())
    fresh = next(candidate for candidate in candidates if candidate not in taken)
    taken.add(fresh)
    return fresh


def _short_name(op: Operation) -> str:
    """The end of the key, `q_proj_weight`; of several keys the ends: `q_proj_k_proj_v_proj_weight`."""
    if isinstance(op, RopeTableOp):
        return str(op.kind.data)
    assert isinstance(op, ParamOp)
    *owners, last = zip(*(key.split(".")[-2:] for key in op.key_names), strict=False)
    parts = [part for parts in owners for part in dict.fromkeys(parts)]
    return _identifier("_".join([*parts, *dict.fromkeys(last)]))


def _full_name(op: Operation) -> str:
    """All keys in full; a table with its base frequency."""
    if isinstance(op, RopeTableOp):
        return _identifier(f"{op.kind.data}_theta{op.theta.value.data:g}")
    assert isinstance(op, ParamOp)
    return _identifier("_".join(op.key_names))


def _identifier(text: str) -> str:
    """The text with all but letters, digits and underscores replaced, not starting with a digit."""
    name = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    return name if name and not name[0].isdigit() else f"param_{name}"
