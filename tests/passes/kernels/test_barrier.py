"""No thread passes the barrier before all have come to it, however often they meet there."""

from __future__ import annotations

import numpy as np
import pytest

from compiled_functions import parse
from rlxc.passes.kernels.barrier import barrier_functions
from threaded_functions import ThreadedFunctions

RELAY = """
func.func private @rlxc_barrier(memref<16xi64>, index)

// In each round every thread adds what its neighbour has, and only then all take the sum over.
func.func @relay(%rounds: index, %now: memref<?xi64>, %next: memref<?xi64>, %thread: index, %num_threads: index,
                 %barrier: memref<16xi64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %after = arith.addi %thread, %c1 : index
  %neighbour = arith.remui %after, %num_threads : index
  scf.for %round = %c0 to %rounds step %c1 {
    %own = memref.load %now[%thread] : memref<?xi64>
    %other = memref.load %now[%neighbour] : memref<?xi64>
    %sum = arith.addi %own, %other : i64
    memref.store %sum, %next[%thread] : memref<?xi64>
    func.call @rlxc_barrier(%barrier, %num_threads) : (memref<16xi64>, index) -> ()
    %new = memref.load %next[%thread] : memref<?xi64>
    memref.store %new, %now[%thread] : memref<?xi64>
    func.call @rlxc_barrier(%barrier, %num_threads) : (memref<16xi64>, index) -> ()
  }
  return
}
"""


@pytest.fixture(scope="module")
def compiled() -> ThreadedFunctions:
    module = parse(RELAY)
    declaration = module.body.block.first_op
    assert declaration is not None
    declaration.detach()
    module.body.block.add_ops(barrier_functions())
    module.verify()
    return ThreadedFunctions(module)


@pytest.mark.parametrize(("num_threads", "rounds"), [(1, 1000), (2, 20_000), (3, 2000), (5, 500)])
def test_threads_meet_in_each_round(compiled: ThreadedFunctions, num_threads: int, rounds: int):
    now, following = np.arange(1, num_threads + 1), np.zeros(num_threads, np.int64)
    barrier, expected = np.zeros(16, np.int64), now.copy()
    compiled.call("relay", [(rounds, now, following, t, num_threads, barrier) for t in range(num_threads)])
    for _ in range(rounds):
        expected = expected + np.roll(expected, -1)
    np.testing.assert_array_equal(now, expected)
    assert barrier[0] == 0
    assert barrier[8] == 2 * rounds
