"""Whole layers in linalg, attention in loops over blocks of queries: threads compute what plain loops do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics import parse_module
from rlxc.inspect.pipeline_run import run_pipeline
from rlxc.inspect.pipeline_text import parse_pipeline
from rlxc.inspect.registry import make_context
from rlxc.native import NativeFunction, build_function
from rlxc.native.signature import ArrayType
from rlxc.passes.kernels.convert_rlx_to_kernel import add_num_threads
from rlxc.passes.lowering.functions import entry_function

Array = NDArray[Any]

EXAMPLES = Path(__file__).parents[3] / "examples"

TO_ARENA = "convert-rlx-to-linalg,canonicalize,cse,rlx-outline-checks,rlx-bufferize,rlx-arena-to-arg"


def compiled(name: str, to_loops: str, *, threads: bool) -> NativeFunction:
    context = make_context()
    module = parse_module(context, (EXAMPLES / f"{name}.mlir").read_text())
    run(module, "rlx-inline-calls,rlx-params-to-args")
    if threads:
        add_num_threads(entry_function(module))
    run(module, f"{TO_ARENA},{to_loops},rlx-booleans-to-bytes")
    return build_function(module)


def run(module: ModuleOp, pipeline: str) -> None:
    run_pipeline(make_context(), module, parse_pipeline(pipeline))


@cache
def plain(name: str) -> NativeFunction:
    return compiled(name, "rlx-linalg-to-affine", threads=False)


@cache
def shared(name: str) -> NativeFunction:
    return compiled(name, "rlx-share-work,rlx-expand-math", threads=True)


def parameters(function: NativeFunction) -> list[Array]:
    return [0.05 * array(one.type, {}, seed) for seed, one in enumerate(function.signature.parameters)]


def inputs(function: NativeFunction, batch: int, length: int) -> list[Array]:
    kinds = [one.type for one in function.signature.inputs if isinstance(one.type, ArrayType)]
    return [array(kind, {"B": batch, "S": length}, seed=9) for kind in kinds]


def array(kind: ArrayType, sizes: Mapping[str, int], seed: int) -> Array:
    """Random numbers; of booleans, most are true."""
    shape = [sizes[size] if isinstance(size, str) else size for size in kind.shape]
    numbers = np.random.default_rng(seed).standard_normal(shape, np.float32)
    return numbers > -1 if kind.element == "i1" else numbers


@pytest.mark.parametrize("name", ["llama_layer", "sliding_window", "gemma4_attention"])
@pytest.mark.parametrize(("batch", "length"), [(1, 1), (2, 5), (1, 70)])
def test_threads_compute_what_plain_loops_do(name: str, batch: int, length: int):
    weights, given = parameters(plain(name)), inputs(plain(name), batch, length)
    expected = plain(name)(given, weights)
    alone = shared(name)(given, weights, 1)
    for found, wanted in zip(alone, expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-5 * np.abs(wanted).max())
    for num_threads in (2, 3):
        for found, wanted in zip(shared(name)(given, weights, num_threads), alone, strict=True):
            np.testing.assert_array_equal(found, wanted)
