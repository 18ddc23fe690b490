"""Weights that programs of one model share."""

from __future__ import annotations

import numpy as np
import pytest

from rlxc import ModelFlow
from rlxc.runtime.compile import compile_program
from rlxc.runtime.program import load_program
from rlxc.runtime.shared_weights import SharedWeights
from rlxc.stages import Linear, Stage, TokenEmbed
from rlxc.weights.source import Array

TABLE = np.random.default_rng(3).standard_normal((50, 16)).astype(np.float32)
IDS = np.array([[0, 49, 24], [7, 7, 23]], np.int64)


class Counting:
    """The table, and how often it is read."""

    def __init__(self) -> None:
        self.reads = 0

    def keys(self) -> list[str]:
        """See `WeightSource`."""
        return ["embed"]

    def shape(self, key: str) -> tuple[int, ...]:
        """See `WeightSource`."""
        return TABLE.shape

    def get(self, key: str) -> Array:
        """See `WeightSource`."""
        self.reads += 1
        return TABLE


def embedding(scale: float = 1.0) -> ModelFlow:
    return ModelFlow("body").input("ids", ("B", "S"), "i64").stage(TokenEmbed("embed", scale))


def projection() -> ModelFlow:
    stage: Stage = Linear("embed")
    return ModelFlow("head").input("x", ("B", "S", 16)).stage(stage)


@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_tied_embedding_is_packed_once(scale: float) -> None:
    source, shared = Counting(), SharedWeights(("embed",))
    programs = [load_program(flow.build(source).module, source) for flow in (embedding(scale), projection())]
    source.reads = 0
    body, head = (compile_program(program, "native", shared=shared) for program in programs)
    assert source.reads == 1
    assert len(shared.packed) == 1
    assert not shared.values
    rows = body(IDS)
    np.testing.assert_array_equal(rows, TABLE[IDS] * np.float32(scale))
    np.testing.assert_allclose(head(rows), rows @ TABLE.T, atol=1e-5)


def test_tables_of_their_own_stay_tables() -> None:
    source, shared = Counting(), SharedWeights()
    body = compile_program(load_program(embedding().build(source).module, source), "native", shared=shared)
    assert not shared.packed
    np.testing.assert_array_equal(body(IDS), TABLE[IDS])


def test_programs_that_read_the_same_weights_hold_them_once() -> None:
    """As bodies with and without padding do."""
    shared = SharedWeights()
    for name in ("one", "other"):
        source = Counting()
        flow = ModelFlow(name).input("x", ("B", "S", 16)).stage(Linear("embed"))
        program = load_program(flow.build(source).module, source)
        source.reads = 0
        compile_program(program, "native", shared=shared)
        assert source.reads == (1 if name == "one" else 0)


def test_profile_of_a_program_with_a_table_in_panels() -> None:
    source, shared = Counting(), SharedWeights(("embed",))
    body = compile_program(load_program(embedding().build(source).module, source), "native", shared=shared)
    assert body.profile(IDS).rows
