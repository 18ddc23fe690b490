"""The named pipelines: which passes take a program to which level, as data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Pipeline:
    """Passes in xDSL's pipeline syntax, and what they are for."""

    passes: str
    about: str


_FUSE = (
    # First, so that all that follows is done once for equal layers.
    "rlx-share-functions",
    "rlx-raise-repeat-kv",
    "canonicalize",
    "cse",
    "rlx-eliminate-repeat-kv",
    "rlx-fuse-rope-into-attention",
    # The gain of K comes before the rotation, so rope has to be inside the attention by now.
    "rlx-dedup-k-eq-v",
    # After K and V are one, so that no weight is concatenated with itself.
    "rlx-merge-projections",
    # After gate and up are one projection.
    "rlx-fuse-glu",
    # After projections are merged: one that adds a residual cannot be.
    "rlx-fuse-epilogue",
    # After residuals are in the matmuls: that saves a write and a read of the product, a norm that comes with
    # the sum only a read of the sum. What is left are sums that no matmul computes.
    "rlx-fuse-add-rms-norm",
    "canonicalize",
    "cse",
)

_TO_LINALG = ("rlx-inline-calls", "rlx-params-to-args", "convert-rlx-to-linalg", "canonicalize", "cse")

_TO_NUMPY = (
    "rlx-inline-calls{keep-repeated=true}",
    "rlx-params-to-args",
    "convert-rlx-to-linalg{keep-experts=true}",
    "canonicalize",
    "cse",
)

_TO_AFFINE = (
    "rlx-outline-checks",
    "rlx-bufferize",
    "rlx-arena-to-arg",
    "rlx-linalg-to-affine",
    "rlx-booleans-to-bytes",
)

DEFAULT_KERNELS = "avx2"
"""The kernel target of pipelines that name none: their text is the same on every machine."""


def kernel_passes(target: str, after_sharing: Sequence[str] = (), tables: Sequence[str] = ()) -> str:
    """The passes that take a program from the rlx level to kernels for a target, shared by threads.

    `after_sharing` are more passes, for when threads share the work and no kernel is a call yet; `tables` the keys of
    embeddings that are read from panels.
    """
    in_panels = f" tables-in-panels={','.join(map(json.dumps, tables))}" if tables else ""
    return ",".join(
        (
            "rlx-inline-calls{keep-repeated=true}",
            "rlx-params-to-args",
            f"convert-rlx-to-kernel{{target={target}{in_panels}}}",
            "convert-rlx-to-linalg",
            "canonicalize",
            "cse",
            "rlx-outline-checks",
            "rlx-bufferize",
            "rlx-arena-to-arg",
            "rlx-share-work",
            *after_sharing,
            # The run-time checks stand in a function of their own, which one thread runs.
            "rlx-linalg-to-affine",
            "convert-kernel-to-vector",
            "rlx-expand-math",
            "rlx-booleans-to-bytes",
        )
    )


_LOWERING: Mapping[str, str] = MappingProxyType(
    {
        "rlx": "",
        "fused": "",
        "linalg": ",".join(_TO_LINALG),
        "numpy": ",".join(_TO_NUMPY),
        "affine": ",".join((*_TO_LINALG, *_TO_AFFINE)),
    }
)


def lowering(level: str, kernels: str = DEFAULT_KERNELS, tables: Sequence[str] = ()) -> str:
    """The passes that take a program, fused or not, from the rlx level to a level.

    `kernels` is a kernel target; for `tables`, see `kernel_passes`.
    """
    return kernel_passes(kernels, tables=tables) if level == "kernels" else _LOWERING[level]


PIPELINES: Mapping[str, Pipeline] = MappingProxyType(
    {
        "fuse": Pipeline(",".join(_FUSE), "rlx to rlx: attention, projections and norms take in what surrounds them"),
        "linalg": Pipeline(
            ",".join((*_FUSE, *_TO_LINALG)), "fuse, then tensors in linalg: what the NumPy backend reads"
        ),
        "affine": Pipeline(
            ",".join((*_FUSE, *_TO_LINALG, *_TO_AFFINE)),
            "linalg, then buffers and loops: short, and right for every program",
        ),
        "kernels": Pipeline(
            ",".join((*_FUSE, kernel_passes(DEFAULT_KERNELS))),
            "fuse, then vector code and loops shared by threads: what the native backend reads",
        ),
    }
)
"""Name -> pipeline."""
