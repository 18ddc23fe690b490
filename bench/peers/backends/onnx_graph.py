"""Writing an ONNX graph, node by node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx

Shape = tuple[int, ...]


class OnnxGraph:
    """The nodes, constants and inputs of a graph. Values are their names."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.inputs: list[Any] = []
        self.count = 0

    def node(self, op: str, *operands: str, **attributes: Any) -> str:
        """A node with one result."""
        return self.nodes_of(op, operands, [self._fresh(op)], **attributes)[0]

    def nodes_of(self, op: str, operands: Sequence[str], results: list[str], **attributes: Any) -> list[str]:
        """A node with named results; `domain` is its operator set."""
        self.nodes.append(onnx.helper.make_node(op, list(operands), results, **attributes))
        return results

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        """A constant."""
        name = self._fresh("constant")
        array = np.ascontiguousarray(np.asarray(value, dtype))
        self.constants.append(onnx.numpy_helper.from_array(array, name))
        return name

    def integers(self, *values: int) -> str:
        """A list of integers, as shapes and axes are given."""
        return self.constant(values, np.int64)

    def input(self, name: str, shape: Shape) -> str:
        """An input of float32."""
        self.inputs.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape))
        return name

    def serialized(self, outputs: Mapping[str, Shape]) -> bytes:
        """The model with these outputs."""
        infos = [
            onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, shape) for name, shape in outputs.items()
        ]
        graph = onnx.helper.make_graph(self.nodes, "workload", self.inputs, infos, self.constants)
        sets = [onnx.helper.make_opsetid("", 17), onnx.helper.make_opsetid("com.microsoft", 1)]
        return onnx.helper.make_model(graph, opset_imports=sets, ir_version=10).SerializeToString()

    def _fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem.lower()}_{self.count}"
