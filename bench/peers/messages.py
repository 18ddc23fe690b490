"""How the bench talks to the processes that it starts: one line of JSON for each command, and one for its answer."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any

Commands = Mapping[str, Callable[..., dict[str, Any]]]


def serve(commands: Commands) -> None:
    """Answer commands from standard input until it ends. What libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    for line in sys.stdin:
        command, arguments = json.loads(line)
        try:
            answer = {"done": commands[command](**arguments)}
        except Exception as error:  # The bench reports it, and goes on without this backend.
            traceback.print_exc()
            answer = {"failed": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
    answers.flush()
    os._exit(0)  # Some runtimes hang or crash when they are torn down.
