"""`rlx-merge-projections`: projections of one input become one wider projection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, SSAValue
from xdsl.passes import ModulePass

from rlxc.dialects.rlx import MatmulOp, ParamOp
from rlxc.dialects.rlx.scope import scoped_params
from rlxc.passes.fusion.rewrites.merged_projection import ProjectionKind, kind_differences, kind_of, merge, params_of
from rlxc.passes.fusion.support.sizes import bytes_text
from rlxc.passes.fusion.support.weights import weight_name
from rlxc.passes.remarks import fused, missed


@dataclass(frozen=True)
class MergeProjectionsPass(ModulePass):
    """Matmuls that share their input -> one matmul by weights that are concatenated at load time.

    ```mlir
    %wq = rlx.param "q.weight" transposed : tensor<64x64xf32>
    %wk = rlx.param "k.weight" transposed : tensor<64x16xf32>
    %q = rlx.matmul %x, %wq
    %k = rlx.matmul %x, %wk
    ```
    ->
    ```mlir
    %w = rlx.param "q.weight", "k.weight" transposed : tensor<64x80xf32>
    %qk = rlx.matmul %x, %w
    %q, %k = rlx.split %qk sizes [64, 16]
    ```

    Preconditions: the matmuls stand in one block; their weights (and biases) are parameters that
    nothing else uses, of one orientation; all have a bias or none has; their activations are equal;
    none adds a residual. The merged matmul stands where the first one stood: parameters have no
    operands, so they can be made there. A merged parameter has no content digest, since digests
    are those of single tensors; the remark says so.
    """

    name = "rlx-merge-projections"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        uses = _key_uses(op)
        for block in list(_blocks(op)):
            for projections in _by_input(block).values():
                if len(projections) > 1:
                    _merge_alike(projections, uses)


def _blocks(module: ModuleOp) -> Iterator[Block]:
    for op in module.walk():
        for region in op.regions:
            yield from region.blocks


def _key_uses(module: ModuleOp) -> Mapping[tuple[ParamOp, str], int]:
    """How often the tensor that a parameter means by a key is used, in whichever call that is most."""
    sharing: dict[str, dict[ParamOp, None]] = {}
    for op, scope in scoped_params(module):
        for key in op.key_names:
            sharing.setdefault(scope + key, {})[op] = None
    uses: dict[tuple[ParamOp, str], int] = {}
    for op, scope in scoped_params(module):
        for key in op.key_names:
            count = sum(other.result.uses.get_length() for other in sharing[scope + key])
            uses[op, key] = max(count, uses.get((op, key), 0))
    return uses


def _by_input(block: Block) -> dict[SSAValue, list[MatmulOp]]:
    """The matmuls of a block in order, by what they project."""
    by_input: dict[SSAValue, list[MatmulOp]] = {}
    for op in block.ops:
        if isinstance(op, MatmulOp):
            by_input.setdefault(op.x, []).append(op)
    return by_input


def _merge_alike(projections: Sequence[MatmulOp], uses: Mapping[tuple[ParamOp, str], int]) -> None:
    """Merge the projections of one input that are of one kind, and report the others."""
    alike: dict[ProjectionKind, list[MatmulOp]] = {}
    for projection in projections:
        obstacle = _obstacle(projection, uses)
        if obstacle is None:
            alike.setdefault(kind_of(projection), []).append(projection)
        else:
            missed(MergeProjectionsPass.name, projection, obstacle)
    kinds = list(alike)
    for kind, members in alike.items():
        if len(members) > 1:
            fused(MergeProjectionsPass.name, members[0], _saving(members))
            merge(members)
        else:
            others = [other for other in kinds if other is not kind]
            missed(MergeProjectionsPass.name, members[0], _loneliness(kind, others))


def _obstacle(projection: MatmulOp, uses: Mapping[tuple[ParamOp, str], int]) -> str | None:
    """Why a projection cannot be merged with any other."""
    if projection.residual is not None:
        return "the projection adds a residual"
    for name, value in (("weight", projection.weight), ("bias", projection.bias)):
        if value is None:
            continue
        if not isinstance(value.owner, ParamOp):
            return f"the {name} is no parameter, so it cannot be concatenated at load time"
        if any(uses.get((value.owner, key), value.uses.get_length()) > 1 for key in value.owner.key_names):
            return f"the {name} {weight_name(value)} is used elsewhere too, and would be kept twice"
    return None


def _saving(projections: Sequence[MatmulOp]) -> str:
    keys = ", ".join(weight_name(projection.weight) for projection in projections)
    read_less = bytes_text([projection.x for projection in projections[1:]])
    digests = any(param.digest is not None for projection in projections for param in params_of(projection))
    note = "; their content digests are not checked any more" if digests else ""
    return f"one matmul by {keys} reads {read_less} less{note}"


def _loneliness(kind: ProjectionKind, others: Sequence[ProjectionKind]) -> str:
    if not others:
        return "no other projection of the input can be merged"
    return f"the other projections of the input have another {kind_differences(kind, others[0])}"
