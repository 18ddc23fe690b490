"""What the system tells of a CPU, and what code needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from rlxc.native import Target, host_target
from rlxc.native import machine as machine_module
from rlxc.native.machine import machine_problem

X86 = Target("x86_64-unknown-linux-gnu", "znver4", "+avx2,-avx512fp16,+avx512vnni,+64bit,+sse4.1,+crc32")
ARM = Target("aarch64-unknown-linux-gnu", "neoverse-n1", "+neon,+dotprod,+v8.2a")


def on(machine: str, info: str, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend to be on such a machine."""
    (directory / "cpuinfo").write_text(info)
    monkeypatch.setattr(machine_module, "CPU_INFO", directory / "cpuinfo")
    monkeypatch.setattr("platform.machine", lambda: machine)


def test_this_machine_runs_what_is_made_for_it() -> None:
    assert machine_problem(host_target()) is None


@pytest.mark.parametrize(
    ("machine", "info", "target", "problem"),
    [
        ("x86_64", "flags\t\t: lm avx2 avx512_vnni sse4_1\n", X86, None),
        ("AMD64", "flags\t\t: lm avx2 avx512_vnni sse4_1\n", X86, None),
        ("x86_64", "flags\t\t: lm sse4_1 avx\n", X86, "made for znver4, and this CPU lacks avx2, avx512vnni"),
        ("x86_64", "", X86, None),
        ("aarch64", "Features\t: fp asimd asimddp\n", ARM, None),
        ("arm64", "Features\t: fp asimd\n", ARM, "made for neoverse-n1, and this CPU lacks dotprod"),
        ("aarch64", "Features\t: fp asimd\n", X86, "made for x86_64, but this machine is aarch64"),
    ],
)
def test_other_machines(
    machine: str, info: str, target: Target, problem: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(machine, info, tmp_path, monkeypatch)
    assert machine_problem(target) == (None if problem is None else f"it was {problem}")


def test_system_that_does_not_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_module, "CPU_INFO", tmp_path / "none")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    assert machine_problem(X86) is None
