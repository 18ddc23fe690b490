"""Registration with xDSL: the dialect, the passes and the targets, by name.

Every `xdsl-opt` of the environment loads this module through the entry point
`xdsl.universe`, so that nothing is imported here before it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from xdsl.universe import Universe

DIALECTS: Mapping[str, str] = {
    "rlx": "rlxc.dialects.rlx:RLX",
    "kernel": "rlxc.dialects.kernel:KERNEL",
}
"""Name -> where the dialect is defined."""

PASSES: Mapping[str, str] = {
    "rlx-share-functions": "rlxc.passes.fusion.share_functions:ShareFunctionsPass",
    "rlx-raise-repeat-kv": "rlxc.passes.fusion.raise_repeat_kv:RaiseRepeatKvPass",
    "rlx-eliminate-repeat-kv": "rlxc.passes.fusion.eliminate_repeat_kv:EliminateRepeatKvPass",
    "rlx-fuse-rope-into-attention": "rlxc.passes.fusion.fuse_rope_into_attention:FuseRopeIntoAttentionPass",
    "rlx-dedup-k-eq-v": "rlxc.passes.fusion.dedup_k_eq_v:DedupKEqVPass",
    "rlx-merge-projections": "rlxc.passes.fusion.merge_projections:MergeProjectionsPass",
    "rlx-fuse-glu": "rlxc.passes.fusion.fuse_glu:FuseGluPass",
    "rlx-fuse-epilogue": "rlxc.passes.fusion.fuse_epilogue:FuseEpiloguePass",
    "rlx-fuse-add-rms-norm": "rlxc.passes.fusion.fuse_add_rms_norm:FuseAddRmsNormPass",
    "rlx-unfuse": "rlxc.passes.fusion.unfuse:UnfusePass",
    "rlx-inline-calls": "rlxc.passes.lowering.inline_calls:RlxInlineCallsPass",
    "rlx-params-to-args": "rlxc.passes.lowering.params_to_args:RlxParamsToArgsPass",
    "convert-rlx-to-kernel": "rlxc.passes.kernels.convert_rlx_to_kernel:ConvertRlxToKernelPass",
    "convert-rlx-to-linalg": "rlxc.passes.lowering.convert_rlx_to_linalg:ConvertRlxToLinalgPass",
    "rlx-outline-checks": "rlxc.passes.lowering.outline_checks:RlxOutlineChecksPass",
    "rlx-bufferize": "rlxc.passes.lowering.bufferize:RlxBufferizePass",
    "rlx-arena-to-arg": "rlxc.passes.lowering.arena_to_arg:RlxArenaToArgPass",
    "rlx-share-work": "rlxc.passes.kernels.share_work:RlxShareWorkPass",
    "rlx-profile": "rlxc.passes.kernels.profile:RlxProfilePass",
    "convert-kernel-to-vector": "rlxc.passes.kernels.convert_kernel_to_vector:ConvertKernelToVectorPass",
    "rlx-expand-math": "rlxc.passes.kernels.expand_math:RlxExpandMathPass",
    "rlx-linalg-to-affine": "rlxc.passes.lowering.linalg_to_affine:RlxLinalgToAffinePass",
    "rlx-booleans-to-bytes": "rlxc.passes.lowering.booleans_to_bytes:BooleansToBytesPass",
}
"""Name -> where the pass is defined, in the order in which pipelines run them."""

TARGETS: Mapping[str, str] = {
    "rlx-numpy": "rlxc.numpy_backend.target:NumpyTarget",
}
"""Name -> where the target is defined."""


def _at(place: str) -> Any:
    """The object at `module:name`."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def _later(place: str) -> Callable[[], Any]:
    return lambda: _at(place)


RLX_UNIVERSE = Universe(
    all_dialects={name: _later(place) for name, place in DIALECTS.items()},
    all_passes={name: _later(place) for name, place in PASSES.items()},
    all_targets={name: _later(place) for name, place in TARGETS.items()},
)
"""What this package adds to `xdsl-opt`."""
