"""IREE, by way of the StableHLO that JAX writes."""

from __future__ import annotations

from typing import Any

import iree.compiler as compiler
import iree.runtime as runtime
import jax
import jax.numpy as jnp
import numpy as np

from bench.peers.backends.base import Backend
from bench.peers.backends.functional import RESULTS, functional
from bench.peers.backends.iree_parameters import with_parameters
from bench.peers.inputs import STATE, Arrays
from bench.peers.workload import Workload

FLAGS = [
    "--iree-llvmcpu-target-cpu=host",
    "--iree-opt-level=O3",
    "--iree-opt-data-tiling=true",
    "--iree-llvmcpu-stack-allocation-limit=1048576",  # the default is too little for a layer's norms
]


class Runtime(Backend):
    """Target llvm-cpu; the weights are parameters, which are in its memory from the start."""

    def __init__(self, threads: int):
        super().__init__(threads)
        runtime.flags.parse_flags(f"--task_topology_group_count={threads}")

    def prepare(self, workload: Workload, arrays: Arrays) -> None:
        """See `Backend`."""
        used = {name: array for name, array in arrays.items() if name in names_used(workload)}
        shapes = {name: jax.ShapeDtypeStruct(array.shape, jnp.float32) for name, array in used.items()}

        def program(p: dict[str, Any]) -> tuple[Any, ...]:
            return functional(jnp, workload, p)

        lowered = jax.jit(program, keep_unused=True).lower(shapes)
        results = [tuple(result.shape) for result in jax.tree.leaves(lowered.out_info)]
        text = with_parameters(lowered.as_text(), {name: array.shape for name, array in used.items()}, results)
        code = compiler.compile_str(text, target_backends=["llvm-cpu"], input_type="stablehlo", extra_args=FLAGS)
        self._load(code, used)

    def _load(self, code: bytes, arrays: Arrays) -> None:
        config = runtime.Config("local-task")
        index = runtime.ParameterIndex()
        self.weights = {name: np.ascontiguousarray(arrays[name]) for name in arrays if name not in STATE}
        for name, array in self.weights.items():
            index.add_buffer(name, array)
        instance = config.vm_instance
        modules = [
            runtime.create_io_parameters_module(instance, index.create_provider("weights")),
            runtime.create_hal_module(instance, config.device),
            runtime.VmModule.copy_buffer(instance, code),
        ]
        context = runtime.VmContext(instance, modules=modules)
        self.function: Any = runtime.FunctionInvoker(context, config.device, modules[-1].lookup_function("run"))
        self.arguments = [runtime.asdevicearray(config.device, arrays[name]) for name in STATE if name in arrays]

    def run(self) -> None:
        """See `Backend`."""
        self.result = self.function(*self.arguments)

    def outputs(self) -> Arrays:
        """See `Backend`."""
        results = self.result if isinstance(self.result, tuple | list) else (self.result,)
        return {name: np.array(result.to_host()) for name, result in zip(RESULTS, results, strict=False)}


def names_used(workload: Workload) -> set[str]:
    """The arrays that the program reads."""
    names = {"x", *workload.weight_shapes, "cos", "sin"}
    return names | {"n1", "n2"} | ({"kc", "vc"} if workload.kind == "decode" else set())
