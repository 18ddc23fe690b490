"""Embeddings by tables that are kept in panels, since a projection of another program multiplies with them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from xdsl.dialects import arith, tensor
from xdsl.dialects.builtin import ArrayAttr, IndexType, IntegerAttr, StringAttr, TensorType, UnitAttr, f32, i64
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, BlockArgument, SSAValue
from xdsl.pattern_rewriter import PatternRewriter, RewritePattern, op_type_rewrite_pattern
from xdsl.rewriter import Rewriter
from xdsl.utils.hints import isa

from rlxc.dialects.rlx import EmbedOp
from rlxc.dialects.rlx.base import shape_of, tensor_type
from rlxc.passes.arguments import is_private
from rlxc.passes.attribute_names import KEYS, PANELS, TRANSPOSED
from rlxc.passes.kernels.target import KernelTarget
from rlxc.passes.lowering.functions import argument_attributes, set_argument_attributes
from rlxc.passes.lowering.scalars import Scalar
from rlxc.passes.lowering.to_linalg.embed import check_ids
from rlxc.passes.lowering.to_linalg.emit import emit_before
from rlxc.passes.lowering.to_linalg.structured import index, pointwise


@dataclass(frozen=True)
class EmbedFromPanels(RewritePattern):
    """embed by one of `tables` -> a check that all ids are in range, and a lookup in the panels of the table.

    `table[id, n] = panels[id / W, n, id % W]`: each row lies in one panel, its elements `W` apart.
    """

    tables: Collection[SSAValue]
    target: KernelTarget

    @op_type_rewrite_pattern
    def match_and_rewrite(self, op: EmbedOp, rewriter: PatternRewriter) -> None:
        if op.table not in self.tables:
            return
        scale = op.scale.value.data

        def row_element(token: Scalar) -> Scalar:
            element = self._element(op.table, token, index(2))
            return element if scale == 1.0 else element * scale

        with emit_before(op, rewriter):
            check_ids(op)
            features = shape_of(op.table)[1]
            result = pointwise("bs->bsn", row_element, op.ids, sizes={"n": features}, element_type=f32)
        rewriter.replace(op, (), (result,))

    def _element(self, panels: SSAValue, token: Scalar, column: Scalar) -> Scalar:
        row = Scalar(arith.IndexCastOp(token.value, IndexType()).result)
        panel = row // self.target.panel_width
        lane = row - panel * self.target.panel_width
        return Scalar(tensor.ExtractOp(panels, (panel.value, column.value, lane.value), f32).result)


def tables_in_panels(function: FuncOp, keys: Collection[str]) -> list[BlockArgument]:
    """The arguments that are tables of embeddings in float32, and nothing else, of one of the `keys`.

    What is called has none: callers would have to pass them so.
    """
    if is_private(function):
        return []
    return [argument for argument in function.args if _is_table(argument, keys)]


def keep_transposed_panels_only(function: FuncOp, tables: Collection[BlockArgument], target: KernelTarget) -> None:
    """Let the arguments of tables be the panels of their transposes, as projections take them."""
    attributes = [dict(argument_attributes(argument)) for argument in function.args]
    for table in tables:
        own: dict[str, Attribute] = {TRANSPOSED: UnitAttr(), PANELS: IntegerAttr(target.panel_width, i64)}
        attributes[table.index] |= own
        rows, features = shape_of(table)
        kind = TensorType(f32, [-(-rows // target.panel_width), features, target.panel_width])
        Rewriter.replace_value_with_new_type(table, kind)
    set_argument_attributes(function, attributes)
    function.update_function_type()


def _is_table(argument: BlockArgument, keys: Collection[str]) -> bool:
    attributes = argument_attributes(argument)
    own = attributes.get(KEYS)
    return (
        isa(own, ArrayAttr[StringAttr])
        and len(own) == 1
        and own.data[0].data in keys
        and TRANSPOSED not in attributes
        and tensor_type(argument).element_type == f32
        and {(type(use.operation), use.index) for use in argument.uses} == {(EmbedOp, 0)}
    )
