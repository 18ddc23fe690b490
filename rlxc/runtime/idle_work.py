"""Work that no result waits for: it is done by a thread that gives way to all others."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from queue import Queue
from threading import Event, Lock, Thread, get_native_id
from typing import TypeAlias

Job: TypeAlias = Callable[[], None]

LOWEST_PRIORITY = 19


class IdleWork:
    """Does jobs one after the other, in order. One that fails has had no effect: nobody waits for it.

    Python does not end before they are done, unless Ctrl-C comes then, or `give_up` has been called: only the one that
    has begun is done, or not even that if Ctrl-C comes twice.
    """

    def __init__(self) -> None:
        self._reset()
        os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        """Begin anew, as in a fork, which has no thread that does what the process had to do."""
        self._jobs = Queue[Job]()
        self._thread: Thread | None = None
        self._starting, self._given_up = Lock(), Event()

    def add(self, job: Job) -> None:
        """Do a job when there is time."""
        with self._starting:
            if self._thread is None:
                # Python waits for other threads before it calls what stands here, and Ctrl-C would show a traceback.
                self._thread = Thread(target=self._run, name="rlxc-idle-work", daemon=True)
                self._thread.start()
                atexit.register(self.finish)
        self._jobs.put(job)

    def wait(self) -> None:
        """Return when all jobs are done."""
        self._jobs.join()

    def give_up(self) -> None:
        """Leave out what has not begun."""
        self._given_up.set()

    def finish(self) -> None:
        """Wait, unless Ctrl-C comes."""
        try:
            self.wait()
        except KeyboardInterrupt:
            self.give_up()
            with suppress(KeyboardInterrupt):
                self.wait()

    def _run(self) -> None:
        if sys.platform == "linux":  # Elsewhere, this is the priority of the process.
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, get_native_id(), LOWEST_PRIORITY)
        while True:
            job = self._jobs.get()
            with suppress(Exception):
                if not self._given_up.is_set():
                    job()
            self._jobs.task_done()


IDLE_WORK = IdleWork()
"""That of this process."""
