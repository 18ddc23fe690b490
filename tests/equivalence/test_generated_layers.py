"""Reference, NumPy code and native code agree on generated layers, fused or not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rlxc
from aarch64_emulator import EmulatedToolchain
from rlxc.native.compiled import compile_module
from rlxc.native.emit import DEFAULT_TOOLCHAIN
from rlxc.native.toolchain import Toolchain
from rlxc.runtime.levels import Level
from rlxc.runtime.packing import parameter_values
from rlxc.runtime.parameters import LoadedParams
from rlxc.runtime.program_parameters import param_specs
from rlxc.weights import MappingWeights

LAYERS = 240
NATIVE_LAYERS = 72
PLAIN_LAYERS = 30
NEON_LAYERS = 10
THREADS = (1, 2, 3)

F32_ERROR = 2e-6
"""The greatest error in float32, relative to the largest number of the float64 reference."""

F64_ERROR = 1e-12


def relative_error(result: Any, expected: NDArray[Any]) -> float:
    assert result.shape == expected.shape
    return float(np.max(np.abs(result - expected)) / (np.max(np.abs(expected)) or 1.0))


def reference(case: Any, pipeline: str | None) -> NDArray[Any]:
    """The float64 reference of the layer after a pipeline."""
    module = rlxc.lower_to(case.built.module, "fused", pipeline)
    function = rlxc.compile(module, "reference", weights=case.built.params, dtype=np.float64)
    result = function(**case.inputs)
    assert not isinstance(result, tuple)
    return result


@pytest.mark.parametrize("seed", range(LAYERS))
def test_fusion_and_numpy_code_keep_the_meaning(case: Any):
    expected = reference(case, None)
    assert relative_error(reference(case, "fuse"), expected) <= F64_ERROR
    for pipeline in (None, "fuse"):
        function = rlxc.compile(case.built, "numpy", pipeline=pipeline)
        assert relative_error(function(**case.inputs), expected) <= F32_ERROR


@pytest.mark.parametrize("seed", range(NATIVE_LAYERS))
def test_native_code_keeps_the_meaning(case: Any, seed: int):
    expected = reference(case, None)
    for pipeline in (None, "fuse"):
        threads = THREADS[seed % len(THREADS)]
        function = rlxc.compile(case.built, "native", pipeline=pipeline, threads=threads)
        assert relative_error(function(**case.inputs), expected) <= F32_ERROR


@pytest.mark.parametrize("seed", range(PLAIN_LAYERS))
def test_native_code_without_kernels_keeps_the_meaning(case: Any):
    result = compiled_result(case, "affine", DEFAULT_TOOLCHAIN)
    assert relative_error(result, reference(case, None)) <= F32_ERROR


@pytest.mark.parametrize("seed", range(NEON_LAYERS))
def test_code_for_another_machine_keeps_the_meaning(case: Any):
    result = compiled_result(case, "kernels", EmulatedToolchain(), kernels="neon")
    assert relative_error(result, reference(case, None)) <= F32_ERROR


def compiled_result(case: Any, level: Level, toolchain: Toolchain, **options: Any) -> NDArray[Any]:
    """What the code of one level computes on one thread."""
    fused = rlxc.lower_to(case.built.module, "fused")
    program = compile_module(rlxc.lower_to(fused, level, None, **options), toolchain)
    params = LoadedParams(param_specs(fused), MappingWeights(case.built.params, "the case"))
    function = program.load(toolchain).bind(parameter_values(program.signature.parameters, params, 1))
    (result,) = function(list(case.inputs.values()))
    return result
