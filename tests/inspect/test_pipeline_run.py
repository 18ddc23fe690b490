"""Passes that fail, and who is told of what."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.passes import ModulePass
from xdsl.utils.exceptions import PassFailedException

from rlxc.diagnostics import RlxcError, SourceLocation, parse_module
from rlxc.inspect.pipeline_run import run_pipeline
from rlxc.inspect.registry import make_context

TEXT = "func.func @f() -> i32 {\n  %c = arith.constant 0 : i32\n  return %c : i32\n}"


@dataclass(frozen=True)
class RaisingPass(ModulePass):
    """Raises the exception that it is given."""

    name = "test-raising"
    error: Exception

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        raise self.error


@dataclass(frozen=True)
class BreakingPass(ModulePass):
    """Erases the terminator of the first function."""

    name = "test-breaking"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        function = op.body.block.first_op
        assert isinstance(function, FuncOp)
        last = function.body.block.last_op
        assert last is not None
        last.detach()
        last.erase()


@dataclass(frozen=True)
class IdlePass(ModulePass):
    """Does nothing."""

    name = "test-idle"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        pass


def run(*passes: ModulePass, verify: bool = True) -> list[tuple[str | None, str | None]]:
    """What an observer is told when these passes run."""
    context = make_context()
    told: list[tuple[str | None, str | None]] = []

    def observe(done: ModulePass | None, module: ModuleOp, todo: ModulePass | None) -> None:
        told.append((done and done.name, todo and todo.name))

    run_pipeline(context, parse_module(context, TEXT, "f.mlir"), passes, [observe], verify=verify)
    return told


def test_observers() -> None:
    assert run() == [(None, None)]
    assert run(IdlePass(), BreakingPass(), verify=False) == [
        (None, "test-idle"),
        ("test-idle", "test-breaking"),
        ("test-breaking", None),
    ]


@pytest.mark.parametrize(
    ("error", "message", "location"),
    [
        (PassFailedException("too many heads"), "pass 'test-raising' failed: too many heads", None),
        (
            PassFailedException("f.mlir:2:3: too many heads"),
            "pass 'test-raising' failed: too many heads",
            SourceLocation("f.mlir", 2, 3),
        ),
        (KeyError("head"), "pass 'test-raising' stopped on this module: KeyError: 'head'", None),
        (
            NameError("name 'opp' is not defined"),
            "pass 'test-raising' stopped on this module: NameError: name 'opp' is not defined",
            None,
        ),
        (RuntimeError("changed"), "pass 'test-raising' stopped on this module: RuntimeError: changed", None),
        (AssertionError(), "pass 'test-raising' stopped on this module: AssertionError", None),
        (RlxcError("no weights"), "no weights", None),
    ],
)
def test_failing_pass(error: Exception, message: str, location: SourceLocation | None) -> None:
    with pytest.raises(RlxcError) as caught:
        run(IdlePass(), RaisingPass(error))
    assert caught.value.message == message
    assert caught.value.location == location


def test_pass_that_leaves_a_broken_module() -> None:
    with pytest.raises(RlxcError) as caught:
        run(BreakingPass(), IdlePass())
    assert caught.value.message.startswith(
        "pass 'test-breaking' left a module that does not verify: 'arith.constant' op"
    )
    assert caught.value.location == SourceLocation("f.mlir", 2, 3)


def test_what_the_machine_lacks_is_no_mistake_of_the_pass() -> None:
    with pytest.raises(FileNotFoundError):
        run(RaisingPass(FileNotFoundError(2, "No such file or directory", "mlir-opt")))
