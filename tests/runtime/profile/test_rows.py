"""From times to rows, on times that are made up."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rlxc.diagnostics import parse_module
from rlxc.inspect.registry import make_context
from rlxc.native.roofline import Roofline
from rlxc.runtime.profile.numbered import NumberedProgram
from rlxc.runtime.profile.report import Profile
from rlxc.runtime.profile.rows import Call, Part, part_groups, rows_of
from rlxc.runtime.profile.sizes import CallSizes

TEXT = """
func.func @f(%x: tensor<?x?x8xf32>) -> tensor<?x?x16xf32> {
  %w = rlx.param "w" : tensor<8x16xf32>
  %p = rlx.matmul %x, %w : tensor<?x?x8xf32>, tensor<8x16xf32>
  %y = rlx.softcap %p {cap = 30.0 : f64} : tensor<?x?x16xf32>
  return %y : tensor<?x?x16xf32>
}
"""
WAIT = Part(frozenset(), waits=True)


def part(*operations: int) -> Part:
    return Part(frozenset(operations), waits=False)


@pytest.fixture
def profile() -> Profile:
    """Two threads: a projection of 3 and 5 us, a wait of 2 and 0 us, and a loop of 1 us."""
    program = NumberedProgram(parse_module(make_context(), TEXT, "dir/f.mlir"))
    times = np.array([[1000, 4000, 6000, 7000], [1000, 6000, 6000, 7000]])
    call = Call((part(0), WAIT, part(1)), times, 8000)
    limits = Roofline(flops_per_second=1e9, bytes_per_second=1e9)
    inputs = [np.zeros((1, 4, 8), np.float32)]
    return Profile("f", rows_of(program, call, CallSizes(program.function, inputs), limits), call, limits)


def test_rows_and_the_outside_are_the_whole_call(profile: Profile) -> None:
    projection, softcap = profile.rows
    assert (projection.seconds, projection.waiting_seconds) == pytest.approx((5e-6, 1e-6))
    assert (softcap.seconds, softcap.waiting_seconds) == pytest.approx((1e-6, 0))
    assert profile.outside_seconds == pytest.approx(2e-6)
    assert profile.seconds == pytest.approx(8e-6)


def test_rates(profile: Profile) -> None:
    """1024 FLOPs at 1 GFLOP/s take 1.024 us of the 5."""
    projection = profile.rows[0]
    assert projection.work.flops == 4 * 16 * 2 * 8
    assert projection.gflops_per_second == pytest.approx(1024 / 5e-6 / 1e9)
    assert projection.share_of_roofline == pytest.approx(1.024 / 5)


def test_json(profile: Profile) -> None:
    found = json.loads(profile.to_json())
    assert found["threads"] == 2
    assert [row["operations"] for row in found["rows"]] == [
        [{"text": "%p = rlx.matmul %x, %w", "place": "dir/f.mlir:4:3"}],
        [{"text": "%y = rlx.softcap %p {cap = 30}", "place": "dir/f.mlir:5:3"}],
    ]
    assert found["rows"][0]["bytes"] == 4 * (4 * 8 + 8 * 16 + 4 * 16)


def test_trace(profile: Profile) -> None:
    events = json.loads(profile.to_trace())["traceEvents"]
    assert [event["args"]["name"] for event in events if event["ph"] == "M"] == ["thread 0", "thread 1"]
    spans = [(e["tid"], e["name"], e["ts"], e["dur"]) for e in events if e["ph"] == "X"]
    assert spans == [
        (0, "%p = rlx.matmul", 1.0, 3.0),
        (0, "wait", 4.0, 2.0),
        (0, "%y = rlx.softcap", 6.0, 1.0),
        (1, "%p = rlx.matmul", 1.0, 5.0),
        (1, "wait", 6.0, 0.0),
        (1, "%y = rlx.softcap", 6.0, 1.0),
    ]


def test_table(profile: Profile) -> None:
    lines = str(profile).splitlines()
    assert "one call of f, 2 threads" in lines[0]
    cells = [cell.strip() for cell in next(line for line in lines if "matmul" in line).split("│")[1:-1]]
    assert cells == ["%p = rlx.matmul", "f.mlir:4", "0.005", "62.5%", "20%", "0.2", "0.2", "20%"]
    assert lines[-1].startswith("limits: 1 GFLOP/s, 1.0 GB/s")


def test_parts_of_one_operation_are_one_row() -> None:
    assert part_groups([part(0), WAIT, part(1), part(0, 2), WAIT]) == [{0, 1, 3, 4}, {2}]
    assert part_groups([part(), part(), part(3), part(1), part(1, 3)]) == [{0}, {1}, {2, 3, 4}]
