"""Which kernels this machine runs best."""

from __future__ import annotations

from rlxc.native.codegen import Target, host_target

KERNELS_BY_FEATURES = (
    ("avx512", ("avx512f", "avx512vl")),
    ("avx2", ("avx2", "fma")),
    ("neon", ("neon",)),
)
"""Kernel target -> the CPU features that it needs, the best first."""


def kernels_for(target: Target) -> str:
    """The name of the kernel target for a machine: `scalar` if no other fits."""
    features = {feature[1:] for feature in target.features.split(",") if feature.startswith("+")}
    if target.triple.startswith(("aarch64", "arm64")):
        features.add("neon")
    return next((name for name, needed in KERNELS_BY_FEATURES if features.issuperset(needed)), "scalar")


def host_kernels() -> str:
    """The name of the kernel target for this machine."""
    return kernels_for(host_target())
