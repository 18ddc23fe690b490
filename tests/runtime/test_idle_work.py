"""Work that no result waits for."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from threading import Event, current_thread

from rlxc.runtime.idle_work import IdleWork


def test_jobs_in_order() -> None:
    work, done, may_begin = IdleWork(), list[int](), Event()
    work.add(lambda: assert_that(may_begin.wait(10)))
    for number in range(5):
        work.add(lambda number=number: done.append(number))
    assert done == []
    may_begin.set()
    work.wait()
    assert done == [0, 1, 2, 3, 4]


def test_not_in_the_thread_that_asks() -> None:
    work, threads = IdleWork(), list[str]()
    work.add(lambda: threads.append(current_thread().name))
    work.finish()
    assert threads == ["rlxc-idle-work"]


def assert_that(condition: bool) -> None:
    assert condition


SCRIPT = """
import time
from rlxc.runtime.idle_work import IDLE_WORK

def job(number):
    print("begin", number, flush=True)
    time.sleep(1)
    print("end", number, flush=True)

for number in range(3):
    IDLE_WORK.add(lambda number=number: job(number))
"""


def test_python_waits_at_its_end() -> None:
    short = SCRIPT.replace("sleep(1)", "sleep(0.05)")
    ended = subprocess.run([sys.executable, "-c", short], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.split("\n")[-2] == "end 2"


def interrupted(times: int) -> tuple[str, str, int | None]:
    """What the script prints after its first line if Ctrl-C comes so often, and its exit code."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begin 0\n"
    for _ in range(times):
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
    return (*process.communicate(timeout=60), process.returncode)


def test_interrupt_leaves_out_what_has_not_begun() -> None:
    assert interrupted(1) == ("end 0\n", "", 0)


def test_second_interrupt_ends_python() -> None:
    assert interrupted(2) == ("", "", 0)


def test_a_job_that_fails_keeps_no_other_from_being_done() -> None:
    work, done = IdleWork(), list[int]()
    work.add(lambda: assert_that(False))
    work.add(lambda: done.append(1))
    work.wait()
    assert done == [1]


def test_what_is_given_up_is_left_out() -> None:
    work, done, may_end = IdleWork(), list[int](), Event()
    work.add(lambda: assert_that(may_end.wait(10)))
    work.add(lambda: done.append(1))
    work.give_up()
    may_end.set()
    work.finish()
    assert done == []


def test_fork_has_nothing_to_do_of_its_parent() -> None:
    forked = """
if os.fork() == 0:
    IDLE_WORK.add(lambda: print("in the fork", flush=True))
    sys.exit()
os.wait()
IDLE_WORK.give_up()
"""
    script = (
        "import os, sys\n"
        + SCRIPT.replace("print(", "repr((").replace("flush=True)", "1))").replace("sleep(1)", "sleep(0.2)")
        + forked
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert (ended.stdout, ended.stderr) == ("in the fork\n", "")
