"""A process that the bench has started."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

DROPPED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONPATH")
"""Variables that would slow a BLAS down, or mix the packages of two interpreters."""


class PeerError(Exception):
    """A process failed: why."""


class Process:
    """`python -m module arguments`, which answers commands. Standard error goes to a file."""

    def __init__(self, python: str, module: str, arguments: Sequence[str], environment: Mapping[str, str]):
        inherited = {name: value for name, value in os.environ.items() if name not in DROPPED}
        self.log = tempfile.TemporaryFile("w+")
        self.popen = subprocess.Popen(
            [python, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            start_new_session=True,  # a share of the processors of its own
            env={**inherited, **environment},
        )

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        """The answer to a command. Raises PeerError if it failed, or if the process is gone."""
        assert self.popen.stdin is not None
        assert self.popen.stdout is not None
        try:
            self.popen.stdin.write(json.dumps([command, arguments]) + "\n")
            self.popen.stdin.flush()
            line = self.popen.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise PeerError(f"exit code {self.popen.wait()}: {self._last_lines()}")
        answer = json.loads(line)
        if "failed" in answer:
            raise PeerError(one_line(answer["failed"]))
        return answer["done"]

    def close(self) -> None:
        """End it: by the end of its input, or by force."""
        assert self.popen.stdin is not None
        try:
            self.popen.stdin.close()
            self.popen.wait(10)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.popen.kill()
            self.popen.wait()
        self.log.close()

    def _last_lines(self) -> str:
        self.log.seek(0)
        return one_line(" | ".join([line for line in self.log.read().splitlines() if line.strip()][-3:]))


def one_line(message: str) -> str:
    """The beginning of a message, without paths of this machine."""
    return " ".join(re.sub(r"(?:/[\w.+\-@]+){2,}/?", "PATH", message).split())[:300]
