"""Computes what a function returns right in the memory that the caller gives for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xdsl.builder import ImplicitBuilder
from xdsl.dialects import bufferization, tensor
from xdsl.dialects.builtin import DYNAMIC_INDEX, ArrayAttr, IntegerAttr, StringAttr, TensorType, i64
from xdsl.dialects.func import FuncOp, ReturnOp
from xdsl.dialects.linalg.ops import CopyOp
from xdsl.dialects.utils import split_dynamic_index_list
from xdsl.ir import Attribute, Block, BlockArgument, Operation, SSAValue
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.dialects.rlx.base import shape_of, tensor_type
from rlxc.passes.arguments import argument_attributes, dim_names
from rlxc.passes.attribute_names import DIMS, HOLDS_RESULT
from rlxc.passes.lowering.bufferization.layouts import dense_type
from rlxc.passes.lowering.bufferization.overwriting import is_writable
from rlxc.passes.lowering.bufferization.placement import Allocation
from rlxc.passes.lowering.bufferization.sharing import earlier_versions
from rlxc.passes.lowering.dims import Dim, Source, dim_source, dims
from rlxc.passes.lowering.functions import set_argument_attributes
from rlxc.passes.lowering.scalars import Scalar


def return_in_place(function: FuncOp) -> None:
    """Add an argument for each tensor that the function returns, and let the function compute it there.

    What a donated argument has become by now stays there, and needs no argument: `rlx.holds_result` of the
    donated one says which result it holds.

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
    What lives elsewhere (another argument, a slice, a value that is returned twice) is copied there at the end.
    """
    returned = function.body.block.last_op
    if not isinstance(returned, ReturnOp):
        raise PassFailedException(f"@{function.sym_name.data} must end with func.return")
    tensors = [value for value in returned.operands if isa(value.type, TensorType)]
    held = results_in_arguments(tensors)
    elsewhere = [value for number, value in enumerate(tensors) if number not in held.values()]
    attributes = [{**argument_attributes(argument), **_holds(held.get(argument))} for argument in function.args]
    attributes += map(named_dims, elsewhere)
    for value in elsewhere:
        _return_in(_add_argument(function, value), value, returned)
    set_argument_attributes(function, attributes)
    function.res_attrs = None
    returned.operands = [value for value in returned.operands if not isa(value.type, TensorType)]


def results_in_arguments(tensors: Sequence[SSAValue]) -> Mapping[SSAValue, int]:
    """The donated arguments that, overwritten in place or not at all, are returned, and as which result."""
    held: dict[SSAValue, int] = {}
    for number, value in enumerate(tensors):
        *_, first = earlier_versions(value)
        if isinstance(first, BlockArgument) and is_writable(first):
            held.setdefault(first, number)
    return held


def _holds(number: int | None) -> Mapping[str, Attribute]:
    return {} if number is None else {HOLDS_RESULT: IntegerAttr(number, i64)}


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
