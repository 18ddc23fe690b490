"""What all `rlx` operations share: no attribute is ever ignored."""

from __future__ import annotations

import math
from abc import ABC
from difflib import get_close_matches

from xdsl.dialects.builtin import DYNAMIC_INDEX, FloatAttr, IntegerAttr, MemRefType, TensorType
from xdsl.ir import Attribute, SSAValue
from xdsl.irdl import IRDLOperation, ParsePropInAttrDict
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.hints import isa


class RlxOperation(IRDLOperation, ABC):
    """An operation that rejects attributes it does not know, and checks itself with `verify_semantics`."""

    irdl_options = (ParsePropInAttrDict(),)

    def verify_(self) -> None:
        self._reject_unknown_attributes()
        for name, attribute in self.properties.items():
            if isinstance(attribute, FloatAttr) and not math.isfinite(attribute.value.data):
                raise VerifyException(f"'{name}' must be a finite number")
        self.verify_semantics()

    def verify_semantics(self) -> None:
        """Raise VerifyException where shapes and attributes do not fit together."""

    def _reject_unknown_attributes(self) -> None:
        known = tuple(self.get_irdl_definition().properties)
        for name in self.attributes:
            if "." in name:
                continue
            close = get_close_matches(name, known, 1)
            hint = f"; did you mean '{close[0]}'?" if close else f"; it takes {', '.join(known) or 'none'}"
            raise VerifyException(f"has no attribute '{name}'{hint}")


def tensor_type(value: SSAValue) -> TensorType[Attribute]:
    """The type of a value that is known to be a ranked tensor."""
    assert isa(value.type, TensorType)
    return value.type


def shape_of(value: SSAValue) -> tuple[int, ...]:
    """The shape of a tensor or memref, `DYNAMIC_INDEX` where a size is known at run time only."""
    assert isa(value.type, TensorType) or isa(value.type, MemRefType)
    return value.type.get_shape()


def int_of(attribute: IntegerAttr) -> int:
    """The Python integer in an attribute."""
    return attribute.value.data


def is_static(size: int) -> bool:
    """Whether a dimension is known at compile time."""
    return size != DYNAMIC_INDEX


def require(condition: bool, message: str) -> None:
    """Raise VerifyException with `message` unless `condition` holds."""
    if not condition:
        raise VerifyException(message)
