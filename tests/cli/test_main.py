"""The command line around the subcommands."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType

import pytest

from rlxc.cli import commands, main
from rlxc.diagnostics import RlxcError

Rlxc = Callable[..., tuple[int, str, str]]

IMPORTS_XDSL = "import sys; from rlxc.cli import main; main({!r}); sys.exit('xdsl' in sys.modules)"


def test_no_command_shows_the_help(rlxc: Rlxc) -> None:
    code, out, err = rlxc()
    assert (code, out) == (2, "")
    assert "run passes on a module" in err


def test_version(rlxc: Rlxc) -> None:
    code, out, _ = rlxc("--version")
    assert code == 0
    assert out.startswith("rlxc 0.")
    assert "xDSL 0.74" in out


def test_help_of_every_command(rlxc: Rlxc) -> None:
    code, out, _ = rlxc("--help")
    assert code == 0
    for command in commands.COMMANDS:
        # argparse gives the help of a long name a line of its own.
        assert re.search(rf"^    {command.name}\s", out, re.MULTILINE)
        assert rlxc(command.name, "--help")[0] == 0


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["opt", "--help"], ["opt", "--nope"]])
def test_help_does_not_import_xdsl(arguments: list[str]) -> None:
    subprocess.run([sys.executable, "-c", IMPORTS_XDSL.format(arguments)], check=True, capture_output=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["optt"], "error: unknown command 'optt' (did you mean 'opt'?)"),
        (["opt", "--remark"], "error: unknown argument '--remark' (did you mean '--remarks'?)"),
        (["opt", "--dumpdir=x"], "(did you mean '--dump-dir'?)"),
        (["opt", "-o"], "error: argument -o/--output: expected one argument"),
        (["opt", "a.mlir", "b.mlir"], "error: unknown argument 'b.mlir'"),
        (["opt", "--verify-each=maybe"], "expected true or false, got 'maybe'"),
        (["opt", "-p", "cse", "--pass-pipeline", "dce"], "not allowed with argument"),
        (["--nope"], "--nope"),
    ],
)
def test_wrong_command_line(rlxc: Rlxc, arguments: list[str], message: str) -> None:
    code, out, err = rlxc(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert "hint: rlxc " in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("raised", "code", "report"),
    [
        (RlxcError("no", hint="yes"), 1, "error: no\nhint: yes\n"),
        (OSError(28, "No space left on device"), 1, "error: No space left on device\n"),
        (PermissionError(13, "Permission denied", "out.mlir"), 1, "error: 'out.mlir': Permission denied\n"),
        (RecursionError(), 1, "error: the input is nested too deeply\n"),
        (MemoryError(), 1, "error: the memory of this machine does not suffice\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_what_a_command_raises(
    rlxc: Rlxc, monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int, report: str
) -> None:
    def load(self: commands.Command) -> ModuleType:
        raise raised

    monkeypatch.setattr(commands.Command, "load", load)
    assert rlxc("opt") == (code, "", report)


def test_traceback_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(self: commands.Command) -> ModuleType:
        raise RlxcError("no")

    monkeypatch.setattr(commands.Command, "load", load)
    with pytest.raises(RlxcError):
        main(["opt", "--traceback"])


def test_reader_that_goes_away() -> None:
    command = f"{sys.executable} -m rlxc opt --list-passes | head -1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout == "pipelines:\n"
    assert done.stderr == ""


def test_full_disk() -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "rlxc", "opt", "--show-dialects"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, "error: No space left on device\n")
