"""A call of a function that is lowered by itself."""

from __future__ import annotations

from collections.abc import Sequence

from xdsl.dialects.builtin import DYNAMIC_INDEX, FlatSymbolRefAttrConstr, MemRefType, SymbolRefAttr, TensorType, i8
from xdsl.ir import SSAValue
from xdsl.irdl import (
    AttrSizedOperandSegments,
    ParsePropInAttrDict,
    eq,
    irdl_op_definition,
    opt_operand_def,
    prop_def,
    var_operand_def,
    var_result_def,
)

from rlxc.dialects.kernel.base import KernelOperation, results_of


@irdl_op_definition
class KernelCallOp(KernelOperation):
    """Call a private function of the module, in destination style: what it returns is computed in `results`.

    All threads of a team make the call, and have met again when it returns. `workspace` is the memory that the
    function needs besides, once that is known.
    """

    name = "kernel.call"

    callee = prop_def(FlatSymbolRefAttrConstr)
    arguments = var_operand_def()
    results_ = var_operand_def(TensorType | MemRefType)
    workspace = opt_operand_def(eq(MemRefType(i8, [DYNAMIC_INDEX])))
    written = var_result_def(TensorType)

    irdl_options = (ParsePropInAttrDict(), AttrSizedOperandSegments(as_property=True))
    assembly_format = (
        "$callee `(` $arguments `)` `outs` `(` $results_ `)` (`workspace` `(` $workspace^ `)`)? attr-dict "
        "`:` `(` type($arguments) `)` `,` `(` type($results_) `)` (`->` type($written)^)?"
    )

    def __init__(
        self,
        callee: str,
        arguments: Sequence[SSAValue],
        results: Sequence[SSAValue],
        workspace: SSAValue | None = None,
    ):
        super().__init__(
            operands=[arguments, results, workspace],
            result_types=[results_of(*results)],
            properties={"callee": SymbolRefAttr(callee)},
        )

    @property
    def inputs(self) -> Sequence[SSAValue]:
        return self.arguments

    @property
    def outputs(self) -> Sequence[SSAValue]:
        return self.results_ if self.workspace is None else (*self.results_, self.workspace)
