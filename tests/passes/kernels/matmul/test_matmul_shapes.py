"""Projections of any number of rows, by any number of threads, on arrays with any distance between rows."""

from __future__ import annotations

from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from projection_kernels import Projection, compiled_projections
from rlxc.dialects.rlx import Activation
from rlxc.passes.kernels.matmul import MatmulSpec
from rlxc.passes.kernels.target import TARGETS

SPECS = (
    MatmulSpec(40, 530),
    MatmulSpec(129, 97, residual=True),
    MatmulSpec(23, 310, Activation.SILU, gated=True),
    MatmulSpec(600, 23, Activation.GELU, bias=True),
)


@cache
def projections(target: str) -> list[Projection]:
    return compiled_projections(SPECS, TARGETS[target])


@given(
    target=st.sampled_from(["avx2", "avx512"]),
    index=st.integers(0, len(SPECS) - 1),
    rows=st.integers(0, 300),
    num_threads=st.integers(1, 5),
    margin=st.integers(0, 3),
)
@settings(max_examples=100, deadline=None)
def test_error(target: str, index: int, rows: int, num_threads: int, margin: int) -> None:
    assert projections(target)[index].error(rows, num_threads, margin) < 2e-6
