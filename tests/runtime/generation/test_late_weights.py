"""Weights are not read while a program is built."""

from __future__ import annotations

import numpy as np
import pytest

from rlxc import ModelFlow, RlxcError, compile
from rlxc.runtime.generation.late_weights import late_program
from rlxc.stages import Linear, NamedRopeTables
from rlxc.weights import MappingWeights

FLOW = ModelFlow("f").input("x", ("B", "S", 2)).stage(Linear("w"))
X = np.ones((1, 1, 2), np.float32)


class Counted(MappingWeights):
    """Counts what is read."""

    reads = 0

    def get(self, key: str):
        self.reads += 1
        return super().get(key)

    def shape(self, key: str):
        return self.arrays[key].shape


def test_weights_are_read_when_the_program_is_compiled() -> None:
    source = Counted({"w": np.array([[1, 2], [3, 4]], np.float32)})
    program = late_program(FLOW, source)
    assert source.reads == 0
    np.testing.assert_array_equal(compile(program.module, weights=program.weights)(X), [[[3, 7]]])
    assert source.reads > 0


def test_arrays_of_stages_are_weights() -> None:
    table = np.zeros((4, 1), np.float32)
    flow = ModelFlow("f").input("x", ("B", "S", 2)).stage(NamedRopeTables.from_arrays("long", table, table))
    weights = late_program(flow.stage(Linear("w")), MappingWeights({"w": np.eye(2, dtype=np.float32)})).weights
    assert set(weights.keys()) == {"w", "long_cos", "long_sin"}
    np.testing.assert_array_equal(weights.get("long_cos"), table)
    assert weights.shape("long_sin") == (4, 1)


def test_whole_numbers_are_refused() -> None:
    program = late_program(FLOW, MappingWeights({"w": np.eye(2, dtype=np.int64)}))
    with pytest.raises(RlxcError, match="'w'"):
        compile(program.module, weights=program.weights)
