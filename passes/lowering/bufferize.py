"""`rlx-bufferize`: tensors become memrefs, and the memory is planned."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.dialects.func import FuncOp
from xdsl.passes import ModulePass
from xdsl.transforms.common_subexpression_elimination import CommonSubexpressionElimination

from rlxc.passes.lowering.bufferization.argument_sizes import read_sizes_first
from rlxc.passes.lowering.bufferization.called import pass_memory_to_overwrite
from rlxc.passes.lowering.bufferization.constants import constants_to_globals
from rlxc.passes.lowering.bufferization.copies import insert_copies
from rlxc.passes.lowering.bufferization.direct_inserts import insert_directly
from rlxc.passes.lowering.bufferization.normalize import normalize
from rlxc.passes.lowering.bufferization.order import ProgramOrder
from rlxc.passes.lowering.bufferization.results import return_in_place
from rlxc.passes.lowering.bufferization.reuse import reuse_inputs
from rlxc.passes.lowering.bufferization.to_memref import ToMemRef
from rlxc.passes.lowering.call_order import callees_first
from rlxc.passes.lowering.functions import entry_function, functions_of
from rlxc.passes.lowering.memory_plan import allocations, plan_memory
from rlxc.passes.lowering.memory_plan.arena import allocate_arena, free_at_end
from rlxc.passes.lowering.memory_plan.table import table


@dataclass(frozen=True)
class RlxBufferizePass(ModulePass):
    """Turn tensors into memrefs: functions write what they compute into memory that the caller gives.

    ```mlir
    func.func @f(%x: tensor<?x64xf32>) -> tensor<?x64xf32> {
      %init = tensor.empty(%B) : tensor<?x64xf32>
      %a = linalg.generic ... ins(%x : tensor<?x64xf32>) outs(%init : tensor<?x64xf32>) {...} -> tensor<?x64xf32>
      ... %y from %a
      func.return %y : tensor<?x64xf32>
    }
    ```
    becomes
    ```mlir
    func.func @f(%x: memref<?x64xf32>, %y: memref<?x64xf32>) attributes {llvm.emit_c_interface} {
      %arena = memref.alloc(%arena_bytes) {alignment = 64} : memref<?xi8>
      %a = memref.view %arena[%a_offset][%B] : memref<?xi8> to memref<?x64xf32>
      linalg.generic ... ins(%x : memref<?x64xf32>) outs(%a : memref<?x64xf32>) {...}
      ... %y from %a
      memref.dealloc %arena : memref<?xi8>
      func.return
    }
    ```
    - A returned tensor is computed in its argument, which comes after all others; an argument, a slice, and what
      is returned twice are copied there. Returned scalars stay. Results must not overlap anything else.
    - What a donated argument becomes, overwritten in place or not at all, stays where it is when it is returned.
      It gets no argument: `rlx.holds_result = j` on the donated one says that the returned tensor number `j` lies in
      its memory when the function returns. The arguments of the others follow each other in order.
    - Slices and reshapes are views. Whatever overwrites a tensor does so in place if nobody reads the old
      contents later, else a copy is made; what is inserted into a slice is computed there if nobody can tell.
    - Arguments are never written, except with the attribute `rlx.donated`.
    - All temporaries lie in one arena, by a memory plan that knows when each is needed; only those whose size is
      known too late keep an allocation. `print-plan` prints the plan to stderr, as a table of where each buffer lies,
      how many bytes it has, from which to which operation it is alive, and which place of the source it belongs to.
      With `arena=false`, each temporary is allocated and freed on its own.
    - The entry function and the one that prepares it get a C interface.

    A function that `kernel.call` calls comes before its callers. What it leaves in the memory of a donated argument
    is there for the caller, who passes a copy if it needs what was there before.

    Precondition: other calls are inlined, and of the operations on tensors only structured ones (with one result),
    slices, reshapes, `tensor.{empty,cast,dim,extract,concat}`, constants and `scf.for` are left.
    """

    name = "rlx-bufferize"

    arena: bool = True
    print_plan: bool = False

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        to_buffers(ctx, op)
        for function in functions_of(op):
            self._allocate(function)
        add_c_interface(op)

    def _allocate(self, function: FuncOp) -> None:
        plan = plan_memory(function)
        if self.print_plan and allocations(function):
            print(table(plan), file=sys.stderr)
        if self.arena:
            allocate_arena(function, plan)
        else:
            for op in allocations(function):
                free_at_end(op.memref)


def to_buffers(ctx: Context, module: ModuleOp) -> None:
    """Turn the tensors of all functions into memrefs, each temporary with an allocation of its own."""
    normalize(ctx, module)
    constants_to_globals(module)
    called = callees_first(module)
    for function in (*called, *(function for function in functions_of(module) if function not in called)):
        pass_memory_to_overwrite(function, {one.sym_name.data: one for one in called})
        bufferize(function)
    CommonSubexpressionElimination().apply(ctx, module)


def bufferize(function: FuncOp) -> None:
    """Turn the tensors of a normalized function into memrefs, each temporary with an allocation of its own."""
    order = ProgramOrder(function)
    insert_copies(function, order)
    reuse_inputs(function, order)
    insert_directly(function, order)
    return_in_place(function)
    ToMemRef(function).convert()
    read_sizes_first(function)


def add_c_interface(module: ModuleOp) -> None:
    """Let C call the entry function, and the function that `rlx-outline-checks` made for it."""
    entry = entry_function(module).sym_name.data
    for function in functions_of(module):
        if function.sym_name.data in (entry, f"{entry}_prepare"):
            function.attributes["llvm.emit_c_interface"] = UnitAttr()
