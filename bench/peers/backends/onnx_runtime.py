"""ONNX Runtime on the CPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime as ort

from bench.peers.backends.base import Backend
from bench.peers.backends.onnx_model import ContribModel
from bench.peers.backends.onnx_primitive import PrimitiveModel
from bench.peers.inputs import CACHES, Array, Arrays
from bench.peers.workload import Workload

DIALECTS = {"primitive": PrimitiveModel, "contrib": ContribModel}
PRESENT = {"k_present": "kc", "v_present": "vc"}
"""Outputs of the contrib attention that share the memory of an input."""


class Runtime(Backend):
    """`dialect` is `primitive` or `contrib`. Inputs and outputs are bound once: a call copies nothing."""

    def __init__(self, threads: int, dialect: str):
        super().__init__(threads)
        self.dialect = dialect

    def unsupported(self, workload: Workload) -> str:
        """See `Backend`."""
        return "the same as ort" if self.dialect == "contrib" and workload.kind == "matmul" else ""

    def prepare(self, workload: Workload, arrays: Arrays) -> None:
        """See `Backend`."""
        model = DIALECTS[self.dialect](workload, arrays).serialized()
        self.session: Any = ort.InferenceSession(model, self._options(), providers=["CPUExecutionProvider"])
        self.binding = self.session.io_binding()
        self.values: dict[str, Any] = {}
        for one in self.session.get_inputs():
            value = ort.OrtValue.ortvalue_from_numpy(input_array(arrays[one.name], one.name, tuple(one.shape)))
            self.values[one.name] = value
            self.binding.bind_ortvalue_input(one.name, value)
        for one in self.session.get_outputs():
            shared = self.values.get(PRESENT.get(one.name, ""))
            value = shared or ort.OrtValue.ortvalue_from_shape_and_type(one.shape, np.float32)
            self.values[one.name] = value
            self.binding.bind_ortvalue_output(one.name, value)

    def run(self) -> None:
        """See `Backend`."""
        self.session.run_with_iobinding(self.binding)

    def outputs(self) -> Arrays:
        """See `Backend`."""
        outputs = {name: self.values[name].numpy() for name in ("y", "k_new", "v_new") if name in self.values}
        for name in PRESENT:
            if name in self.values:
                outputs[f"{name[0]}_new"] = self.values[name].numpy()[0, :, -1]
        return outputs

    def _options(self) -> Any:
        options = ort.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = self.threads, 1
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        return options


def input_array(array: Array, name: str, shape: tuple[int, ...]) -> Array:
    """An array as the model takes it: a cache may have a batch, or lack the row of the new token."""
    rows = array[:, : shape[-2]] if name in CACHES else array
    return np.ascontiguousarray(rows).reshape(shape)
