"""The runner of the FileCheck tests fails when it should."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from xdsl.dialects.builtin import IntegerAttr
from xdsl.utils.exceptions import VerifyException

from filecheck_runner import RunLine, RunLineError, StepFailed, run, run_lines, unread_directives

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).parent / "filecheck" / "conftest.py"
MODULE = """
func.func @same(%x: tensor<4xf32>) -> tensor<4xf32> {
  func.return %x : tensor<4xf32>
}
"""

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a test file with these lines before a module."""

    def write(lines: str) -> Path:
        path = tmp_path / "test.mlir"
        path.write_text(f"{lines}\n{MODULE}", encoding="utf-8")
        return path

    return write


def run_all(path: Path) -> None:
    for line in run_lines(path.read_text(encoding="utf-8")):
        run(line, path)


def pretend(monkeypatch: pytest.MonkeyPatch, main: Callable[[Sequence[str]], int]) -> None:
    """Let `rlxc` be this function."""
    monkeypatch.setattr("rlxc.cli.main", main)


@pytest.mark.parametrize("tool", ["xdsl-opt", "rlxc opt"])
class TestChecks:
    def test_a_match_passes(self, write: Write, tool: str) -> None:
        run_all(write(f"// RUN: {tool} %s | filecheck %s\n// CHECK: func.func @same"))

    def test_a_missing_text_fails(self, write: Write, tool: str) -> None:
        path = write(f"// RUN: {tool} %s | filecheck %s\n// CHECK: func.func @other")
        with pytest.raises(StepFailed, match=r"(?s)test.mlir:2: error.*standard input.*func.func @same"):
            run_all(path)

    def test_a_forbidden_text_fails(self, write: Write, tool: str) -> None:
        with pytest.raises(StepFailed, match="CHECK-NOT"):
            run_all(write(f"// RUN: {tool} %s | filecheck %s\n// CHECK-NOT: @same"))

    def test_no_checks_fail(self, write: Write, tool: str) -> None:
        with pytest.raises(StepFailed, match="No check strings found"):
            run_all(write(f"// RUN: {tool} %s | filecheck %s"))

    @pytest.mark.parametrize("option", ["--check-prefix=MINE", "--check-prefix MINE", "--check-prefixes=MINE,CHECK"])
    def test_the_prefix_is_read(self, write: Write, tool: str, option: str) -> None:
        with pytest.raises(StepFailed, match=r"test.mlir:2"):
            run_all(write(f"// RUN: {tool} %s | filecheck %s {option}\n// MINE: @other"))

    def test_a_rejected_input_fails(self, write: Write, tool: str) -> None:
        with pytest.raises(StepFailed, match=r"(?s)exit code 1, expected 0.*what"):
            run_all(write(f"// RUN: {tool} %s | filecheck %s\n// CHECK: @same\nwhat.is @this"))

    def test_not_turns_it_round(self, write: Write, tool: str) -> None:
        run_all(write(f"// RUN: not {tool} %s\nwhat.is @this"))
        with pytest.raises(StepFailed, match="exit code 0, expected a failure"):
            run_all(write(f"// RUN: not {tool} %s"))

    def test_errors_are_checked_when_merged(self, write: Write, tool: str) -> None:
        lines = "// RUN: not {} %s {}| filecheck %s\n// CHECK: what.is\n what.is @this"
        run_all(write(lines.format(tool, "2>&1 ")))
        with pytest.raises(StepFailed, match="is empty"):
            run_all(write(lines.format(tool, "")))


class TestTools:
    def test_a_crash_is_not_an_expected_failure(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        def crash(arguments: Sequence[str]) -> int:
            raise KeyError(*arguments)

        pretend(monkeypatch, crash)
        with pytest.raises(KeyError):
            run_all(write("// RUN: not rlxc opt"))

    @pytest.mark.parametrize(("status", "passes"), [(None, True), (0, True), (2, False), ("a message", False)])
    def test_exit_is_a_return(
        self, write: Write, monkeypatch: pytest.MonkeyPatch, status: int | str | None, passes: bool
    ) -> None:
        pretend(monkeypatch, lambda arguments: sys.exit(status))
        run_all(write("// RUN: rlxc" if passes else "// RUN: not rlxc"))

    def test_bytes_go_from_tool_to_tool(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        def increment(arguments: Sequence[str]) -> int:
            sys.stdout.buffer.write(bytes(byte + 1 for byte in sys.stdin.buffer.read() or b"\xf0"))
            return int(arguments != ["opt", "a b"])

        pretend(monkeypatch, increment)
        with pytest.raises(StepFailed) as failure:
            run_all(write("// RUN: rlxc opt 'a b' | rlxc opt 'a b' | rlxc opt a b"))
        assert failure.value.finished.input == b"\xf2"
        assert failure.value.finished.output == b"\xf3"

    def test_verification_comes_back(self, write: Write) -> None:
        run_all(write("// RUN: xdsl-opt --disable-verify %s"))
        with pytest.raises(VerifyException):
            IntegerAttr(256, 8)


class TestLines:
    def test_continuation(self) -> None:
        lines = run_lines("// RUN: one \\\n// RUN:   two\n// COM: three\n  //RUN: four")
        assert list(lines) == [RunLine(1, "one two"), RunLine(4, "four")]

    def test_continuation_without_an_end(self) -> None:
        with pytest.raises(RunLineError, match="line 2"):
            list(run_lines("\n// RUN: one \\\nfunc.func @f()"))

    def test_what_comes_after_and_and(self, write: Write) -> None:
        lines = "// RUN: xdsl-opt %s -o %t.mlir && filecheck %s --input-file=%t.mlir\n// CHECK: {}"
        run_all(write(lines.format("@same")))
        with pytest.raises(StepFailed, match=r"test.mlir:2"):
            run_all(write(lines.format("@other")))

    def test_a_temporary_file_is_of_one_line(self, write: Write) -> None:
        with pytest.raises(StepFailed, match="FileNotFoundError"):
            run_all(write("// RUN: xdsl-opt %s -o %t.mlir\n// RUN: xdsl-opt %t.mlir"))

    @pytest.mark.parametrize(
        ("line", "message"),
        [
            ("cat %s", "unknown tool 'cat'"),
            ("xdsl-opt %x", "unknown substitution '%x'"),
            ("xdsl-opt %s > out", "'>' is not supported"),
            ("xdsl-opt %s |", "no command on one side of '|'"),
            ("xdsl-opt %s && ", "no command on one side of '&&'"),
            ("not", "no tool"),
            ("", "no command"),
            ("xdsl-opt '%s", "No closing quotation"),
            ("filecheck", "Missing argument"),
            ("filecheck %s %s", "Unconsumed arguments"),
        ],
    )
    def test_lines_that_say_nothing(self, write: Write, line: str, message: str) -> None:
        with pytest.raises(RunLineError, match=message.replace("|", r"\|")):
            run(RunLine(1, line), write(""))


class TestDirectives:
    @pytest.mark.parametrize("check", ["// CHECK-NXT: x", "  // MINE-NEXT: x", "// NOTE: x", "// CHECK-B{LITERAL}: x"])
    def test_nothing_reads_it(self, check: str) -> None:
        assert list(unread_directives(check, [RunLine(1, "xdsl-opt %s | filecheck %s")]))

    @pytest.mark.parametrize("check", ["// MINE: x", "// MINE-COUNT-2: x", "// COM: x", "// RUN: x", "// It is: x"])
    def test_something_reads_it(self, check: str) -> None:
        assert not list(unread_directives(check, [RunLine(1, "xdsl-opt %s | filecheck %s --check-prefix=MINE")]))


class TestCollection:
    def test_each_line_is_an_item(self, pytester: pytest.Pytester) -> None:
        result = collect(
            pytester,
            "// RUN: xdsl-opt %s | filecheck %s\n// RUN: xdsl-opt %s | filecheck %s --check-prefix=B\n"
            "// CHECK: @same\n// B: @other",
        )
        result.assert_outcomes(passed=1, failed=1)
        result.stdout.fnmatch_lines(["RUN: xdsl-opt %s | filecheck %s --check-prefix=B", "*test.mlir:4:*error:*"])

    def test_a_crash_shows_where(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        pretend(monkeypatch, lambda arguments: 1 // len(arguments))
        result = collect(pytester, "// RUN: rlxc")
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["RUN: rlxc", "*test_filecheck_runner.py:*: ZeroDivisionError"])

    @pytest.mark.parametrize(
        ("lines", "message"),
        [
            ("// CHECK: @same", "*test.mlir: no RUN line"),
            ("// RUN: xdsl-opt %s \\", "*line 1: the RUN line ends with a backslash*"),
            ("// RUN: xdsl-opt %s | filecheck %s\n// CHEKC: @same", "*line 2: no RUN line reads the prefix CHEKC*"),
        ],
    )
    def test_a_file_that_could_not_fail(self, pytester: pytest.Pytester, lines: str, message: str) -> None:
        result = collect(pytester, lines)
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines([message])


def collect(pytester: pytest.Pytester, lines: str) -> pytest.RunResult:
    """Run pytest on a file with these lines before a module."""
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makefile(".mlir", test=f"{lines}\n{MODULE}")
    return pytester.runpytest_inprocess("--import-mode=importlib", "-p", "no:cacheprovider")
