"""`rlx-linalg-to-affine`: structured operations on memrefs become loops."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.builder import ImplicitBuilder
from xdsl.context import Context
from xdsl.dialects import memref
from xdsl.dialects.builtin import ModuleOp, TensorType
from xdsl.dialects.linalg.abstract_ops import LinalgStructuredOperation
from xdsl.dialects.linalg.ops import CopyOp
from xdsl.ir import Block
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.utils.exceptions import PassFailedException
from xdsl.utils.hints import isa

from rlxc.passes.lowering.entry_values import EntryValues
from rlxc.passes.lowering.functions import functions_of
from rlxc.passes.lowering.to_loops.bounds import is_symbol, loop_bounds
from rlxc.passes.lowering.to_loops.nest import LoopNest
from rlxc.passes.lowering.to_loops.style import AffineLoops, ScfLoops


@dataclass(frozen=True)
class RlxLinalgToAffinePass(ModulePass):
    """Turn linalg.generic, linalg.fill and memref.copy on memrefs into loops.

    ```mlir
    linalg.generic {indexing_maps = [affine_map<(b, k, n) -> (b, k)>, affine_map<(b, k, n) -> (k, n)>,
                                     affine_map<(b, k, n) -> (b, n)>],
                    iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%x, %w : memref<?x8xf32>, memref<8x4xf32>) outs(%y : memref<?x4xf32>) {...}
    ```
    becomes
    ```mlir
    affine.for %i = 0 to %B {
      affine.for %j = 0 to 8 {
        %0 = affine.load %x[%i, %j] : memref<?x8xf32>
        affine.for %k = 0 to 4 {
          %1 = affine.load %w[%j, %k] : memref<8x4xf32>
          %2 = affine.load %y[%i, %k] : memref<?x4xf32>
          ...
          affine.store %4, %y[%i, %k] : memref<?x4xf32>
    ```
    The loops have the order of the iterators. They are `scf.for` with memref.load and memref.store where a
    size is computed inside a loop, as in the query blocks of attention. Sums get the fast-math flags that
    do not cost accuracy.

    Precondition: `rlx-bufferize` has run; each operation has one output, which overlaps an input only if
    both are read and written at the same indices.
    """

    name = "rlx-linalg-to-affine"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for function in functions_of(op):
            values = EntryValues(function)
            for inner in list(function.walk()):
                if isinstance(inner, memref.CopyOp):
                    inner = as_structured(inner)
                if isinstance(inner, LinalgStructuredOperation):
                    replace_by_loops(inner, values)


def as_structured(op: memref.CopyOp) -> CopyOp:
    """Replace the copy of a memref by a structured operation."""
    copy = CopyOp((op.source,), (op.destination,), ())
    copy.location = op.location
    Rewriter.replace_op(op, copy, [])
    return copy


def replace_by_loops(op: LinalgStructuredOperation, values: EntryValues) -> None:
    """Put loops in the place of the operation, with its location."""
    require_one_output(op)
    loops = Block()
    with ImplicitBuilder(loops):
        bounds = loop_bounds(op, values)
        style = AffineLoops() if all(map(is_symbol, bounds)) else ScfLoops(values)
        LoopNest(op, bounds, style).build()
    for new in loops.walk():
        new.location = op.location
    Rewriter.inline_block(loops, InsertPoint.before(op))
    Rewriter.erase_op(op)


def require_one_output(op: LinalgStructuredOperation) -> None:
    """Raise PassFailedException unless loops can be made of the operation."""
    if any(isa(kind, TensorType) for kind in op.operand_types):
        raise PassFailedException(f"'{op.name}' on tensors has no loops: run rlx-bufferize first")
    if len(op.outputs) != 1:
        raise PassFailedException(f"'{op.name}' has {len(op.outputs)} outputs, but loops are made for one")
