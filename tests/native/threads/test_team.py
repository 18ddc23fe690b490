"""Functions that share their work: numbers, several callers, and all that could leave a thread waiting."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rlxc.diagnostics import RlxcError
from rlxc.native import NativeFunction
from rlxc.native.threads import Team, team_library, team_of
from rlxc.native.threads.team import Teams

X = np.linspace(-1, 1, 1001, dtype=np.float32)


@pytest.mark.parametrize("num_threads", [1, 2, 3, 7])
@pytest.mark.parametrize("size", [0, 1, 2, 1001])
def test_numbers(mirrored: NativeFunction, num_threads: int, size: int) -> None:
    scaled, sums = mirrored([X[:size], 0.5, True], [], num_threads)
    np.testing.assert_array_equal(scaled, X[:size] * np.float32(-0.5))
    np.testing.assert_array_equal(sums, scaled + scaled[::-1])
    np.testing.assert_array_equal(mirrored([X[:size], 3.0, False], [], num_threads)[0], X[:size] * np.float32(3))


def test_one_thread_makes_no_team(mirrored: NativeFunction) -> None:
    before = threading.active_count()
    mirrored([X, 1.0, False], [], 1)
    assert threading.active_count() == before


def test_function_for_one_thread_makes_no_team(gated_linear: NativeFunction) -> None:
    before = threading.active_count()
    parameters = [np.ones((4, 6), np.float32), np.ones((16, 6), np.float32)]
    gated_linear([np.ones((1, 2, 4), np.float32), np.ones((1, 2), np.bool_), 0], parameters, num_threads=61)
    assert threading.active_count() == before


def test_functions_share_the_team(mirrored: NativeFunction) -> None:
    mirrored([X, 1.0, False], [], 2)
    before = threading.active_count()
    for _ in range(10):
        mirrored([X, 1.0, False], [], 2)
    assert team_of(2) is team_of(2)
    assert threading.active_count() == before


def test_calls_from_several_threads(mirrored: NativeFunction) -> None:
    def call(number: int) -> bool:
        scaled, sums = mirrored([X, float(number % 13), False], [], 2 + number % 2)
        return np.array_equal(scaled, X * np.float32(number % 13)) and np.array_equal(sums, scaled + scaled[::-1])

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(call, range(1000)))


def test_threads_that_cannot_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(RlxcError, match="cannot start thread 1 of 3: can't start new thread"):
        Teams().of(3, team_library)


def test_error_in_the_arguments_leaves_the_team_in_order(mirrored: NativeFunction) -> None:
    with pytest.raises(RlxcError, match="'x' must have dtype float32"):
        mirrored([X.astype(np.float64), 1.0, False], [], 2)
    np.testing.assert_array_equal(mirrored([X, 1.0, False], [], 2)[0], X)


def child_works(mirrored: NativeFunction) -> bool:
    """Whether a forked child can call the function, within ten seconds."""
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        works = np.array_equal(mirrored([X, 2.0, False], [], 2)[0], X * 2)
        os._exit(0 if works else 1)
    return os.waitpid(child, 0)[1] == 0


def test_forked_child_has_a_team_of_its_own(mirrored: NativeFunction) -> None:
    mirrored([X, 1.0, False], [], 2)
    assert child_works(mirrored)
    np.testing.assert_array_equal(mirrored([X, 2.0, False], [], 2)[0], X * 2)


def test_fork_while_another_thread_calls(mirrored: NativeFunction) -> None:
    stop = threading.Event()

    def call() -> None:
        while not stop.is_set():
            mirrored([X, 1.0, False], [], 2)

    caller = threading.Thread(target=call)
    caller.start()
    try:
        assert all(child_works(mirrored) for _ in range(10))
    finally:
        stop.set()
        caller.join()


def test_team_is_kept_alive_by_its_threads() -> None:
    before = threading.active_count()
    Team(2, team_library())
    assert threading.active_count() == before + 1


PROGRAM = """
import sys, threading, time
import numpy as np
from xdsl.context import Context
from xdsl.dialects import get_all_dialects
from xdsl.parser import Parser
from rlxc.native import build_function

context = Context()
for name, dialect in get_all_dialects().items():
    context.register_dialect(name, dialect)
function = build_function(Parser(context, open(sys.argv[1]).read()).parse_module()).bind([], 2)
x = np.ones(100_000, np.float32)
call = lambda: function([x, 1.0, False])
"""

ENDINGS = {
    "after a call": "call(); print('done')",
    "asleep": "call(); time.sleep(0.05); print('done')",
    "another thread calls": """
def forever():
    while True: call()
for _ in range(2): threading.Thread(target=forever, daemon=True).start()
time.sleep(0.05); print('done', flush=True)""",
    "interrupted": """
import os, signal
calling, interrupted = False, 0

def interrupt(*_):
    global calling
    if calling:
        calling = False
        raise KeyboardInterrupt

def send():
    for _ in range(200):
        time.sleep(0.001)
        os.kill(os.getpid(), signal.SIGINT)

call()
signal.signal(signal.SIGINT, interrupt)
sender = threading.Thread(target=send)
sender.start()
while sender.is_alive():
    try:
        calling = True
        call()
        calling = False
    except KeyboardInterrupt:
        interrupted += 1
assert interrupted > 20
assert np.array_equal(call()[1], x + x)
print('done')""",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_process_ends(ending: str, affine_text: Callable[[str], str], tmp_path: Path) -> None:
    module = tmp_path / "mirrored.mlir"
    module.write_text(affine_text("mirrored"))
    command: list[Any] = [sys.executable, "-c", PROGRAM + ENDINGS[ending], module]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
