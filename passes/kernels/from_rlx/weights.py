"""Which weights are packed into panels, and how their arguments say so."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass

from xdsl.dialects.builtin import IntegerAttr, TensorType, UnitAttr, f32, i64
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, BlockArgument, SSAValue, Use
from xdsl.rewriter import Rewriter

from rlxc.dialects.rlx import GluMatmulOp, MatmulOp, MoeOp
from rlxc.dialects.rlx.base import shape_of, tensor_type
from rlxc.passes.attribute_names import EXPERTS, GATED, KEYS, PANELS
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.lowering.functions import argument_attributes, set_argument_attributes


@dataclass(frozen=True)
class Packing:
    """What the columns of a weight are: those of gate and up, or those of several experts, or both."""

    gated: bool
    experts: int = 1

    def attributes(self, target: KernelTarget) -> dict[str, Attribute]:
        """How an argument says so."""
        return {
            PANELS: IntegerAttr(target.panel_width, i64),
            **({GATED: UnitAttr()} if self.gated else {}),
            **({EXPERTS: IntegerAttr(self.experts, i64)} if self.experts > 1 else {}),
        }


def packable_weights(function: FuncOp) -> dict[BlockArgument, Packing]:
    """The arguments that are weights in float32 of which one packing serves all that read them."""
    found = {
        argument: packing
        for argument in function.args
        if KEYS in argument_attributes(argument) and (packing := _packing(argument)) is not None
    }
    # A mixture of experts takes both weights packed, or none.
    while left := [weight for weight in found if not _all_packed(weight, found)]:
        for weight in left:
            del found[weight]
    return found


def keep_panels_only(function: FuncOp, weights: Mapping[BlockArgument, Packing], target: KernelTarget) -> None:
    """Let the arguments of weights be their panels: `[ceil(N / W), K, W]` for `N` columns, or several such blocks."""
    attributes = [dict(argument_attributes(argument)) for argument in function.args]
    for weight, packing in weights.items():
        attributes[weight.index] |= packing.attributes(target)
        in_features, columns = shape_of(weight)
        blocks = packing.experts * (2 if packing.gated else 1)
        panels = blocks * -(-(columns // blocks) // target.panel_width)
        Rewriter.replace_value_with_new_type(weight, TensorType(f32, [panels, in_features, target.panel_width]))
    set_argument_attributes(function, attributes)
    function.update_function_type()


def _packing(weight: BlockArgument) -> Packing | None:
    """How all that read a weight take it; None if something takes it as it is, or in another way."""
    ways = {_packing_for(use) for use in weight.uses}
    return ways.pop() if len(ways) == 1 and tensor_type(weight).element_type == f32 else None


def _packing_for(use: Use) -> Packing | None:
    match use.operation, use.index:
        case MatmulOp(), 1:
            return Packing(gated=False)
        case GluMatmulOp(), 1:
            return Packing(gated=True)
        case MoeOp() as moe, 2 | 3:
            return Packing(gated=use.index == 2, experts=moe.num_experts)
        case _:
            return None


def _all_packed(weight: BlockArgument, packed: Container[SSAValue]) -> bool:
    """Whether all other weights are packed that are used together with one."""
    moes = (use.operation for use in weight.uses)
    return all(moe.gate_up in packed and moe.down in packed for moe in moes if isinstance(moe, MoeOp))
