"""Which weights are packed into panels, and how their arguments say so."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import IntegerAttr, TensorType, UnitAttr, f32, i64
from xdsl.dialects.func import FuncOp
from xdsl.ir import BlockArgument
from xdsl.rewriter import Rewriter

from rlxc.dialects.kernel import KernelMatmulOp
from rlxc.dialects.rlx import GluMatmulOp, MatmulOp
from rlxc.dialects.rlx.base import shape_of, tensor_type
from rlxc.passes.attribute_names import GATED, KEYS, PANELS
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.lowering.functions import argument_attributes, set_argument_attributes


def packable_weights(function: FuncOp) -> list[BlockArgument]:
    """The arguments that are weights in float32 which only projections use, all of them gated or none."""
    return [argument for argument in function.args if KEYS in argument_attributes(argument) and _is_packable(argument)]


def keep_panels_only(function: FuncOp, weights: Sequence[BlockArgument], target: KernelTarget) -> None:
    """Let the arguments of weights be their panels: `[ceil(N / W), K, W]`, or twice as many of gate and up in turn."""
    attributes = [dict(argument_attributes(argument)) for argument in function.args]
    for weight in weights:
        attributes[weight.index][PANELS] = IntegerAttr(target.panel_width, i64)
        halves = 1
        if _is_gated(weight):
            attributes[weight.index][GATED] = UnitAttr()
            halves = 2
        in_features, columns = shape_of(weight)
        panels = halves * -(-(columns // halves) // target.panel_width)
        kind = TensorType(f32, [panels, in_features, target.panel_width])
        Rewriter.replace_value_with_new_type(weight, kind)
    set_argument_attributes(function, attributes)
    function.update_function_type()


def _is_packable(weight: BlockArgument) -> bool:
    """Whether one packing of the weight serves all that read it."""
    readers = {(type(use.operation), use.index) for use in weight.uses}
    return tensor_type(weight).element_type == f32 and readers in ({(MatmulOp, 1)}, {(GluMatmulOp, 1)})


def _is_gated(weight: BlockArgument) -> bool:
    """Whether the kernels that take the weight read gate and up."""
    return any(isinstance(use.operation, KernelMatmulOp) and use.operation.gated is not None for use in weight.uses)
