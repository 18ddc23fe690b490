"""OpenVINO on the CPU."""

from __future__ import annotations

from typing import Any

import openvino as ov

from bench.peers.backends.base import Backend
from bench.peers.backends.functional import RESULTS
from bench.peers.backends.onnx_primitive import PrimitiveModel
from bench.peers.backends.onnx_runtime import input_array
from bench.peers.backends.openvino_graph import FusedGraph
from bench.peers.inputs import Arrays
from bench.peers.workload import Workload


class Runtime(Backend):
    """`graph` is `onnx` for the model in primitive operators, `fused` for OpenVINO's own operators."""

    def __init__(self, threads: int, graph: str = "onnx"):
        super().__init__(threads)
        self.fused = graph == "fused"
        self.core: Any = ov.Core()

    def unsupported(self, workload: Workload) -> str:
        """See `Backend`."""
        if self.fused and workload.kind == "matmul":
            return "the same as openvino"
        return "its attention has no softcap" if self.fused and workload.softcap else ""

    def prepare(self, workload: Workload, arrays: Arrays) -> None:
        """See `Backend`."""
        if self.fused:
            model: Any = FusedGraph(workload, arrays).model()
        else:
            model = self.core.read_model(PrimitiveModel(workload, arrays).serialized())
        options = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": self.threads,
            "NUM_STREAMS": 1,
        }
        compiled = self.core.compile_model(model, "CPU", options)
        self.request = compiled.create_infer_request()
        self.inputs: list[Any] = []
        for one in compiled.inputs:
            (name,) = one.get_names()
            array = input_array(arrays[name], name, tuple(one.get_shape()))
            self.inputs.append(array)
            self.request.set_tensor(one, ov.Tensor(array, shared_memory=True))
        self.names = [next(name for name in RESULTS if name in one.get_names()) for one in compiled.outputs]

    def run(self) -> None:
        """See `Backend`."""
        self.request.infer()

    def outputs(self) -> Arrays:
        """See `Backend`."""
        return {name: self.request.get_output_tensor(index).data for index, name in enumerate(self.names)}
