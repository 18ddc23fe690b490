"""Computes what a function returns right in the memory that the caller gives for it."""

from __future__ import annotations

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import bufferization, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, ArrayAttr, StringAttr, TensorType
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.dialects.linalg.ops import CopyOp
from xdsl.dialects.utils import split_dynamic_index_list
from xdsl.ir import Attribute, Block, BlockArgument, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.dialects.rlx.base import shape_of, tensor_type
from rlxc.passes.arguments import argument_attributes, dim_names
from rlxc.passes.attribute_names import DIMS
from rlxc.passes.lowering.bufferization.layouts import dense_type
from rlxc.passes.lowering.bufferization.placement import Allocation
from rlxc.passes.lowering.dims import Dim, Source, dim_source, dims
from rlxc.passes.lowering.functions import set_argument_attributes
from rlxc.passes.lowering.scalars import Scalar


def return_in_place(function: FuncOp) -> None:
    """Add an argument for each tensor that the function returns, and let the function compute it there.

    ```mlir
    func.func @f() -> tensor<4xf32> {
      %init = tensor.empty() : tensor<4xf32>
      ...
      func.return %y : tensor<4xf32>
    ```
    becomes
    ```mlir
    func.func @f(%y: memref<4xf32>) {
      %init = bufferization.to_tensor %y restrict writable : memref<4xf32> to tensor<4xf32>
      ...
      func.return
    ```
    What lives elsewhere (an argument, a slice, a value that is returned twice) is copied there at the end.
    """
    returned = function.body.block.last_op
    if not isinstance(returned, ReturnOp):
        raise PassFailedException(f"@{function.sym_name.data} must end with func.return")
    tensors = [value for value in returned.operands if isa(value.type, TensorType)]
    attributes = [*map(argument_attributes, function.args), *map(named_dims, tensors)]
    for value in tensors:
        _return_in(_add_argument(function, value), value, returned)
    set_argument_attributes(function, attributes)
    function.res_attrs = None
    returned.operands = [value for value in returned.operands if not isa(value.type, TensorType)]


def named_dims(value: SSAValue) -> dict[str, Attribute]:
    """The names that arguments give to the dynamic dimensions of a value, if all have one, as an attribute."""
    dynamic = [axis for axis, size in enumerate(shape_of(value)) if size == DYNAMIC_INDEX]
    names = [_name_of(dim_source(value, axis)) for axis in dynamic]
    known = [StringAttr(name) for name in names if name is not None]
    return {DIMS: ArrayAttr(known)} if known and len(known) == len(names) else {}


def _name_of(source: Source) -> str | None:
    if not isinstance(source, Dim) or not isinstance(source.value, BlockArgument):
        return None
    return dim_names(source.value).get(source.axis)


def _add_argument(function: FuncOp, value: SSAValue) -> SSAValue:
    block = function.body.block
    argument = block.insert_arg(dense_type(value.type), len(block.args))
    argument.name_hint = value.name_hint or "result"
    return argument


def _return_in(memory: SSAValue, value: SSAValue, returned: ReturnOp) -> None:
    """Let `value` live in `memory`."""
    made, placed = Allocation.of(value), Block()
    with ImplicitBuilder(placed):
        result = bufferization.ToTensorOp(memory, restrict=True, writable=True).tensor
        if made is None:
            CopyOp((value,), (result,))
        else:
            for reshape in made.reshapes:
                result = _undo(reshape, result)
    for op in placed.ops:
        op.location = returned.location if made is None else made.empty.location
    Rewriter.inline_block(placed, InsertPoint.before(returned if made is None else made.empty))
    if made is not None:
        made.empty.tensor.replace_all_uses_with(result)
        Rewriter.erase_op(made.empty)


def _undo(reshape: Operation, result: SSAValue) -> SSAValue:
    """The source of a reshape from its result."""
    source = reshape.operands[0]
    match reshape:
        case tensor.ExpandShapeOp(reassociation=groups):
            undone = tensor.CollapseShapeOp.build(
                operands=[result], properties={"reassociation": groups}, result_types=[source.type]
            )
        case tensor.CollapseShapeOp(reassociation=groups):
            sizes = [size.value if isinstance(size, Scalar) else size for size in dims(source)]
            static, dynamic = split_dynamic_index_list(sizes, DYNAMIC_INDEX)
            undone = tensor.ExpandShapeOp(result, dynamic, groups, static, tensor_type(source))
        case _:
            undone = tensor.CastOp(result, tensor_type(source))
    return undone.results[0]
