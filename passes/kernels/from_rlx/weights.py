"""Which weights are packed into panels, and how their arguments say so."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import IntegerAttr, TensorType, f32, i64
from xdsl.dialects.func import FuncOp
from xdsl.ir import BlockArgument
from xdsl.rewriter import Rewriter

from rlxc.dialects.rlx import MatmulOp
from rlxc.dialects.rlx.base import shape_of, tensor_type
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.lowering.functions import KEYS, PANELS, argument_attributes, set_argument_attributes


def packable_weights(function: FuncOp) -> list[BlockArgument]:
    """The arguments that are weights in float32 which only projections use, as matrices `[K, N]`."""
    return [argument for argument in function.args if KEYS in argument_attributes(argument) and _is_packable(argument)]


def keep_panels_only(function: FuncOp, weights: Sequence[BlockArgument], target: KernelTarget) -> None:
    """Let the arguments of weights be their panels, `[ceil(N / W), K, W]`."""
    attributes = [dict(argument_attributes(argument)) for argument in function.args]
    for weight in weights:
        attributes[weight.index][PANELS] = IntegerAttr(target.panel_width, i64)
        in_features, out_features = shape_of(weight)
        panels = -(-out_features // target.panel_width)
        kind = TensorType(f32, [panels, in_features, target.panel_width])
        Rewriter.replace_value_with_new_type(weight, kind)
    set_argument_attributes(function, attributes)
    function.update_function_type()


def _is_packable(weight: BlockArgument) -> bool:
    users = [use for use in weight.uses if isinstance(use.operation, MatmulOp) and use.index == 1]
    return tensor_type(weight).element_type == f32 and len(users) == len(list(weight.uses)) > 0
