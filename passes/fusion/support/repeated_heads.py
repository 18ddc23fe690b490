"""What both spellings of repeated heads have in common."""

from __future__ import annotations

from xdsl.dialects.builtin import Float32Type, Float64Type, TensorType
from xdsl.ir import Attribute, SSAValue

from rlxc.dialects.rlx.base import is_static, shape_of, tensor_type


def type_obstacle(source: SSAValue, result: SSAValue, group: int) -> str | None:
    """Why `repeat_kv` of `source` cannot have the type of `result`, or None if it has."""
    element_type, (*leading, features) = tensor_type(source).element_type, shape_of(source)
    if not isinstance(element_type, Float32Type | Float64Type):
        return f"the heads are {element_type}, and repeat_kv takes f32 or f64"
    if not is_static(features):
        return "the heads, the group or head_dim are not static"
    expected = TensorType[Attribute](element_type, (*leading, features * group))
    return None if result.type == expected else f"the result is {result.type}, and repeat_kv makes {expected}"
