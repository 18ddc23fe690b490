"""Work that no result waits for: it is done by a thread that gives way to all others."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from queue import Queue
from threading import Event, Thread, get_native_id
from typing import TypeAlias

Job: TypeAlias = Callable[[], None]
"""It raises nothing."""

LOWEST_PRIORITY = 19


class IdleWork:
    """Does jobs one after the other, in order.

    Python does not end before they are done, or Ctrl-C has come: then only the one that has begun is.
    """

    def __init__(self) -> None:
        self._jobs = Queue[Job]()
        self._thread: Thread | None = None
        self._given_up = Event()

    def add(self, job: Job) -> None:
        """Do a job when there is time."""
        if self._thread is None:
            # Python waits for other threads before it calls what stands here, and Ctrl-C would show a traceback.
            self._thread = Thread(target=self._run, name="rlxc-idle-work", daemon=True)
            self._thread.start()
            atexit.register(self.finish)
        self._jobs.put(job)

    def wait(self) -> None:
        """Return when all jobs are done."""
        self._jobs.join()

    def finish(self) -> None:
        """The same, but Ctrl-C leaves out what has not begun."""
        try:
            self.wait()
        except KeyboardInterrupt:
            self._given_up.set()
            self.wait()

    def _run(self) -> None:
        if sys.platform == "linux":  # Elsewhere, this is the priority of the process.
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, get_native_id(), LOWEST_PRIORITY)
        while True:
            job = self._jobs.get()
            try:
                if not self._given_up.is_set():
                    job()
            finally:
                self._jobs.task_done()


IDLE_WORK = IdleWork()
"""That of this process."""
