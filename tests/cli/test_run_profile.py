"""`rlxc run --profile`: a table, JSON, a trace."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Rlxc = Callable[..., tuple[int, str, str]]

EXAMPLE = Path(__file__).parents[2] / "examples" / "qk_norm.mlir"
NATIVE = ("--target", "native", "--weights", "random:0", "--threads", "2", "--input", "x=random:0:1x9x512")


def test_table(rlxc: Rlxc) -> None:
    code, output, errors = rlxc("run", "--profile", EXAMPLE, *NATIVE)
    assert (code, errors) == (0, "")
    result, time, title, *rest = output.splitlines()
    assert result.startswith("result 0: float32 1x9x512")
    assert time.startswith("native: ")
    assert title.startswith("one call of qk_norm, 2 threads")
    assert sum("rlx.attention" in line for line in rest) == 1


def test_json_has_the_output_for_itself(rlxc: Rlxc) -> None:
    code, output, errors = rlxc("run", EXAMPLE, *NATIVE, "--profile=json")
    assert code == 0
    assert [len(row["operations"]) for row in json.loads(output)["rows"]] == [1, 1, 1, 1, 1]
    assert errors.startswith("result 0: float32 1x9x512")


def test_trace_alone(rlxc: Rlxc, tmp_path: Path) -> None:
    trace = tmp_path / "trace.json"
    code, output, _ = rlxc("run", EXAMPLE, *NATIVE, "--profile-trace", trace)
    assert code == 0
    assert len(output.splitlines()) == 2
    events = json.loads(trace.read_text())["traceEvents"]
    assert {event["tid"] for event in events} == {0, 1}


@pytest.mark.parametrize("option", [["--profile"], ["--profile=json"], ["--profile-trace", "trace.json"]])
def test_other_targets(option: list[str], rlxc: Rlxc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, output, errors = rlxc("run", EXAMPLE, "--weights", "random:0", *option)
    assert (code, output) == (2, "")
    assert errors == "error: target 'numpy' has no profile\nhint: add --target native\n"
    assert not list(tmp_path.iterdir())


def test_trace_that_cannot_be_written(rlxc: Rlxc, tmp_path: Path) -> None:
    code, _, errors = rlxc("run", EXAMPLE, *NATIVE, "--profile-trace", tmp_path / "none" / "trace.json")
    assert code == 1
    assert "No such file or directory" in errors
    assert "Traceback" not in errors


def test_unknown_form(rlxc: Rlxc) -> None:
    code, _, errors = rlxc("run", EXAMPLE, *NATIVE, "--profile=xml")
    assert code == 2
    assert "--profile" in errors
