"""The arguments of an attention."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.dialects.builtin import DYNAMIC_INDEX, IndexType, MemRefType, StridedLayoutAttr, f32, i1
from xdsl.ir import Attribute, SSAValue

from rlxc.passes.kernels.attention.spec import AttentionSpec
from rlxc.passes.kernels.barrier import TEAM_TYPES
from rlxc.passes.kernels.views import run_of_elements


@dataclass(frozen=True)
class Arguments:
    """The values of one call; those that the attention does not have are None."""

    q: SSAValue
    k: SSAValue
    kv_length: SSAValue
    query_offset: SSAValue
    y: SSAValue
    workspace: SSAValue
    thread: SSAValue
    num_threads: SSAValue
    barrier: SSAValue
    v: SSAValue | None = None
    cos: SSAValue | None = None
    sin: SSAValue | None = None
    padding: SSAValue | None = None
    bias: SSAValue | None = None
    k_gain: SSAValue | None = None

    @property
    def values(self) -> SSAValue:
        """The array of values, which may be that of the keys."""
        return self.k if self.v is None else self.v


def argument_types(spec: AttentionSpec) -> dict[str, Attribute]:
    """The type of each argument, in order."""
    queries, keys = _anywhere(None, None, spec.features), _anywhere(None, None, spec.kv_features)
    return {
        "q": queries,
        "k": keys,
        **({} if spec.shared_kv else {"v": keys}),
        **({} if spec.n_rot is None else dict.fromkeys(("cos", "sin"), _anywhere(None, spec.n_rot // 2))),
        **({"padding": _anywhere(None, None, element=i1)} if spec.padding else {}),
        **({"bias": _anywhere(None, spec.bias_heads, None, None)} if spec.bias_heads else {}),
        **({"k_gain": run_of_elements(spec.head_dim)} if spec.k_gain else {}),
        "kv_length": IndexType(),
        "query_offset": IndexType(),
        "y": queries,
        "workspace": MemRefType(f32, [DYNAMIC_INDEX]),
        **TEAM_TYPES,
    }


def _anywhere(*shape: int | None, element: Attribute = f32) -> MemRefType[Attribute]:
    """A memref of which only the last axis is known to be contiguous; sizes that are None are known at run time."""
    sizes = [DYNAMIC_INDEX if size is None else size for size in shape]
    return MemRefType(element, sizes, StridedLayoutAttr([None] * (len(sizes) - 1) + [1], None))
