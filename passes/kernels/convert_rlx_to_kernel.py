"""`convert-rlx-to-kernel`: projections, experts and attention become kernels for a target."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import IndexType, ModuleOp, StringAttr, UnitAttr
from xdsl.dialects.func import FuncOp
from xdsl.ir import Attribute, BlockArgument
from xdsl.passes import ModulePass

from rlxc.dialects.rlx import AttentionOp, GluMatmulOp, MatmulOp, MoeOp
from rlxc.passes.attribute_names import KERNELS, NAME, NUM_THREADS
from rlxc.passes.kernels.from_rlx.attention import AttentionToKernel
from rlxc.passes.kernels.from_rlx.calls import convert_calls
from rlxc.passes.kernels.from_rlx.embed import EmbedFromPanels, keep_transposed_panels_only, tables_in_panels
from rlxc.passes.kernels.from_rlx.experts import MoeToKernel
from rlxc.passes.kernels.from_rlx.matmul import MatmulToKernel
from rlxc.passes.kernels.from_rlx.passed_weights import pack_as_passed
from rlxc.passes.kernels.from_rlx.weights import keep_panels_only, packable_weights
from rlxc.passes.kernels.target import KernelTarget, target_named
from rlxc.passes.lowering.argument_names import input_names
from rlxc.passes.lowering.call_order import callees_first
from rlxc.passes.lowering.functions import (
    argument_attributes,
    body_of,
    is_load_time,
    set_argument_attributes,
)
from rlxc.passes.lowering.to_linalg.emit import locate_by_text
from rlxc.passes.rewriting import apply_patterns

_CONVERTED = (MatmulOp, GluMatmulOp, MoeOp, AttentionOp)


@dataclass(frozen=True)
class ConvertRlxToKernelPass(ModulePass):
    """Convert projections by weights, experts and attention to kernels; functions learn how many threads run them.

    ```mlir
    func.func @f(%x: tensor<?x?x64xf32>, %w: tensor<64x70xf32> {rlx.keys = ["w"]}) -> tensor<?x?x70xf32> {
      %y = rlx.matmul %x, %w : tensor<?x?x64xf32>, tensor<64x70xf32>
    ```
    becomes
    ```mlir
    func.func @f(%x: tensor<?x?x64xf32>, %num_threads: index {rlx.num_threads},
                 %w: tensor<3x64x24xf32> {rlx.keys = ["w"], rlx.panels = 24}) -> tensor<?x?x70xf32>
        attributes {rlx.kernels = "avx2"} {
      %init = tensor.empty(%B, %S) : tensor<?x?x70xf32>
      %workspace = tensor.empty(%size) : tensor<?xf32>
      %y, %0 = kernel.matmul %x, %w outs(%init, %workspace) : ...
    ```
    - The argument of a weight holds its panels, which are packed when weights are loaded. Those of a gated
      projection, `rlx.glu_matmul`, are marked `rlx.gated`: panels of gate and up alternate. Those of `rlx.moe` are
      marked `rlx.experts = E`: each expert has panels of its own, one after the other.
    - `target` is one of avx2, avx512, neon and scalar: it decides the width of the panels, among others, and
      stays with the function.
    - A call becomes `kernel.call`: it passes the number of threads, weights packed as the called function takes them,
      and memory for what is returned.
    - An embedding whose key is one of `tables-in-panels` is looked up in the panels of its table, which serve the
      projection of another program too: a model that multiplies with its embedding again has it once.
    - What runs in float64, and a product of two activations, is left to convert-rlx-to-linalg.

    Precondition: `rlx-params-to-args` has run.
    """

    name = "convert-rlx-to-kernel"

    target: str = "scalar"
    tables_in_panels: tuple[str, ...] = ()

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        target, converted = target_named(self.target), dict[str, FuncOp]()
        for function in callees_first(op):
            convert(function, target, converted, self.tables_in_panels)
            converted[function.sym_name.data] = function


def convert(
    function: FuncOp, target: KernelTarget, called: Mapping[str, FuncOp], shared_tables: Collection[str]
) -> None:
    """Convert one function; those that it calls are converted. `shared_tables` are keys of tables in panels."""
    tables = tables_in_panels(function, shared_tables)
    lookups = [use.operation for table in tables for use in table.uses]
    locate_by_text(function, [*lookups, *(inner for inner in function.walk() if isinstance(inner, _CONVERTED))])
    threads = add_num_threads(function)
    convert_calls(function, called, threads)
    pack_as_passed(function, called)
    weights = packable_weights(function)
    packed = set(weights)
    patterns = [
        MatmulToKernel(packed, target, threads),
        MoeToKernel(packed, target, threads),
        AttentionToKernel(target, threads),
        EmbedFromPanels(set(tables), target),
    ]
    apply_patterns(function, patterns)
    keep_panels_only(function, weights, target)
    keep_transposed_panels_only(function, tables, target)
    function.attributes[KERNELS] = StringAttr(target.name)


def add_num_threads(function: FuncOp) -> BlockArgument:
    """The number of threads as a new last input, before weights and tables."""
    named = [
        {NAME: StringAttr(name), **argument_attributes(argument)}
        for argument, name in zip(function.args, input_names(function), strict=True)
    ]
    place = next((argument.index for argument in function.args if is_load_time(argument)), len(function.args))
    argument = body_of(function).insert_arg(IndexType(), place)
    argument.name_hint = "num_threads"
    own: Mapping[str, Attribute] = {NAME: StringAttr("num_threads"), NUM_THREADS: UnitAttr()}
    set_argument_attributes(function, [*named[:place], own, *named[place:]])
    function.update_function_type()
    return argument
