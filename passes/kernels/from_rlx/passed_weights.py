"""Weights that a function passes on: the called function says how they are packed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from xdsl.dialects.builtin import StringAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, BlockArgument, Use
from xdsl.rewriter import Rewriter

from rlxc.dialects.kernel import KernelCallOp
from rlxc.passes.arguments import argument_attributes
from rlxc.passes.attribute_names import EXPERTS, GATED, KEYS, NAME, PANELS
from rlxc.passes.lowering.argument_names import fresh_name, input_names
from rlxc.passes.lowering.call_order import callee_name
from rlxc.passes.lowering.functions import body_of, set_argument_attributes

Packing: TypeAlias = "tuple[Attribute, frozenset[tuple[str, Attribute]]]"
"""The type of a weight, and the attributes that say how it is packed."""


def pack_as_passed(function: FuncOp, called: Mapping[str, FuncOp]) -> None:
    """Let each weight have the packing that the functions take to which it is passed.

    One that is needed in several forms, there or in the function itself, becomes an argument in each.
    """
    attributes = [dict(argument_attributes(argument)) for argument in function.args]
    names = set(input_names(function))
    for weight in [argument for argument in function.args if KEYS in argument_attributes(argument)]:
        own = weight.type, frozenset[tuple[str, Attribute]]()
        forms: dict[Packing, list[Use]] = {}
        for use in weight.uses:
            forms.setdefault(_packing(use, called) or own, []).append(use)
        if own not in forms and forms:
            packing = next(iter(forms))
            forms.pop(packing)
            attributes[weight.index] |= packing[1]
            Rewriter.replace_value_with_new_type(weight, packing[0])
        forms.pop(own, None)
        for packing, uses in forms.items():
            name = fresh_name(weight.name_hint or "weight", names)
            attributes.append({**attributes[weight.index], NAME: StringAttr(name), **dict(packing[1])})
            _use_instead(_new_argument(function, packing[0], name), uses)
    set_argument_attributes(function, attributes)
    function.update_function_type()


def _packing(use: Use, called: Mapping[str, FuncOp]) -> Packing | None:
    """How a called function takes what is passed to it; None if the value is used by anything else, or not packed."""
    if not isinstance(use.operation, KernelCallOp):
        return None
    argument = called[callee_name(use.operation)].args[use.index]
    attributes = argument_attributes(argument)
    if PANELS not in attributes:
        return None
    return argument.type, frozenset((name, attributes[name]) for name in (PANELS, GATED, EXPERTS) if name in attributes)


def _new_argument(function: FuncOp, kind: Attribute, name: str) -> BlockArgument:
    block = body_of(function)
    argument = block.insert_arg(kind, len(block.args))
    argument.name_hint = name
    return argument


def _use_instead(argument: BlockArgument, uses: list[Use]) -> None:
    for use in uses:
        use.operation.operands[use.index] = argument
