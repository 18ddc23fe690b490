"""`rlx-outline-checks`: the run-time checks of a function become a function of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.builder import ImplicitBuilder
from xdsl.context import Context
from xdsl.dialects import arith
from xdsl.dialects.builtin import (
    DYNAMIC_INDEX,
    ArrayAttr,
    FunctionType,
    IntegerAttr,
    ModuleOp,
    TensorType,
    i64,
)
from xdsl.dialects.cf import AssertOp
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.ir import Block, BlockArgument, Operation, Region, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.dialects.rlx.base import shape_of
from rlxc.passes.arguments import argument_attributes
from rlxc.passes.attribute_names import CHECKS
from rlxc.passes.lowering.call_order import callees_first, calls_of
from rlxc.passes.lowering.checks_of_calls import erase_checks, move_checks_to_callers
from rlxc.passes.lowering.dims import dim
from rlxc.passes.lowering.functions import body_of, is_load_time, set_argument_attributes
from rlxc.passes.lowering.scalars import as_value
from rlxc.passes.lowering.slices import backward_slice


@dataclass(frozen=True)
class RlxOutlineChecksPass(ModulePass):
    """Move the checks of the entry function to one that is called first, and also says how large the results are.

    ```mlir
    func.func @f(%x: tensor<?x4xf32>, %w: tensor<4x4xf32> {rlx.keys = ["w"]}) -> tensor<?x4xf32> {
      %c0 = arith.constant 0 : index
      %B = tensor.dim %x, %c0 : tensor<?x4xf32>
      %c8 = arith.constant 8 : index
      %ok = arith.cmpi sle, %B, %c8 : index
      cf.assert %ok, "more than 8"
      ...
    ```
    becomes `@f` without the assert, and
    ```mlir
    func.func @f_prepare(%x: tensor<?x4xf32>) -> (i64, i64) attributes {rlx.checks = ["more than 8"]} {
      ...
      %status = arith.select %ok, %c0_i64, %c1_i64 : i64
      %size = arith.index_cast %B : index to i64
      func.return %status, %size : i64, i64
    }
    ```
    The inputs are those of `@f` without weights and tables. The first result is 0 if all checks hold, else the number
    of the first that fails, from 1; the others are the dynamic dimensions of the results of `@f`, in order.

    The checks of functions that it calls are made before the calls, and so become its own.

    Precondition: checks are in the bodies of functions themselves, and no condition depends on a weight.
    """

    name = "rlx-outline-checks"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        *called, entry = callees_first(op)
        calls = calls_of((*called, entry))
        for function in called:
            move_checks_to_callers(function, calls[function.sym_name.data])
        block = body_of(entry)
        checks = [inner for inner in block.ops if isinstance(inner, AssertOp)]
        _reject_other_checks(op, checks)
        sizes = _result_sizes(block)
        needed = backward_slice([*(check.arg for check in checks), *sizes], block)
        Rewriter.insert_op(_prepare_function(entry, checks, sizes, needed), InsertPoint.after(entry))
        erase_checks(checks, needed)


def _reject_other_checks(module: ModuleOp, checks: Sequence[Operation]) -> None:
    for op in module.walk():
        if isinstance(op, AssertOp) and op not in checks:
            raise PassFailedException(
                f'the check "{op.msg.data}" is in a loop, or in a function without callers, '
                "and cannot be made before the call"
            )


def _result_sizes(block: Block) -> list[SSAValue]:
    """The dynamic sizes of the returned tensors, as new operations before the return."""
    returned, sizes = block.last_op, Block()
    assert isinstance(returned, ReturnOp)
    with ImplicitBuilder(sizes):
        values = [as_value(dim(value, axis)) for value in returned.operands for axis in _dynamic_axes(value)]
    Rewriter.inline_block(sizes, InsertPoint.before(returned))
    return values


def _dynamic_axes(value: SSAValue) -> list[int]:
    shape = shape_of(value) if isa(value.type, TensorType) else ()
    return [axis for axis, size in enumerate(shape) if size == DYNAMIC_INDEX]


def _prepare_function(
    entry: FuncOp, checks: Sequence[AssertOp], sizes: Sequence[SSAValue], needed: Sequence[Operation]
) -> FuncOp:
    """The new function; `needed` computes the conditions and the sizes."""
    inputs = [argument for argument in entry.args if not is_load_time(argument)]
    block = Block(arg_types=[argument.type for argument in inputs])
    mapped: dict[SSAValue, SSAValue] = dict(zip(inputs, block.args, strict=True))
    for argument, own in zip(inputs, block.args, strict=True):
        own.name_hint = argument.name_hint
    for op in needed:
        _require_inputs_only(op, entry)
        block.add_op(clone := op.clone(mapped))
        clone.location = op.location
    with ImplicitBuilder(block):
        status = _status([mapped[check.arg] for check in checks])
        ReturnOp(status, *(arith.IndexCastOp(mapped[size], i64).result for size in sizes))
    types = FunctionType.from_lists([argument.type for argument in inputs], [i64] * (1 + len(sizes)))
    function = FuncOp(f"{entry.sym_name.data}_prepare", types, Region(block))
    set_argument_attributes(function, map(argument_attributes, inputs))
    function.attributes[CHECKS] = ArrayAttr(check.msg for check in checks)
    function.location = entry.location
    return function


def _require_inputs_only(op: Operation, entry: FuncOp) -> None:
    for operand in (operand for inner in op.walk() for operand in inner.operands):
        if isinstance(operand, BlockArgument) and operand.block is body_of(entry) and is_load_time(operand):
            raise PassFailedException(f"a check or the size of a result depends on the weight '{operand.name_hint}'")


def _status(conditions: Sequence[SSAValue]) -> SSAValue:
    """0 if all conditions hold, else the number of the first that does not."""
    status = arith.ConstantOp(IntegerAttr(0, i64)).result
    for number, condition in reversed(list(enumerate(conditions, 1))):
        failed = arith.ConstantOp(IntegerAttr(number, i64)).result
        status = arith.SelectOp(condition, status, failed).result
    status.name_hint = "status"
    return status
