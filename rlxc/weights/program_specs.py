"""The parameters that `rlx.param` operations stand for."""

from __future__ import annotations

import numpy as np
from xdsl.dialects.builtin import AnyFloat
from xdsl.ir import Use
from xdsl.utils.hints import isa

from rlxc.diagnostics import RlxcError
from rlxc.dialects.rlx import AttentionOp, ParamOp, RopeOp
from rlxc.weights.spec import ParamSpec


def spec_of(op: ParamOp) -> ParamSpec:
    """The parameter that an operation stands for."""
    element_type = op.result.type.element_type
    if not isa(element_type, AnyFloat):
        raise RlxcError(f"weight '{op.key_names[0]}' has elements of type {element_type}, expected f32 or f64")
    return ParamSpec(
        op.key_names,
        op.result.type.get_shape(),
        np.dtype(f"f{element_type.size}"),
        transposed=op.transposed is not None,
        digest=None if op.digest is None else op.digest.data,
        table=any(map(is_table_use, op.result.uses)),
    )


def is_table_use(use: Use) -> bool:
    """Whether a value is used as a table of cosines or sines."""
    operation = use.operation
    if not isinstance(operation, AttentionOp | RopeOp):
        return False
    return operation.operands[use.index] in (operation.cos, operation.sin)
