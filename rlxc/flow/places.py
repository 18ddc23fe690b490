"""Where in the user's Python file a stage was added."""

from __future__ import annotations

import inspect
from itertools import islice

from rlxc.diagnostics import SourceLocation


def place_of_call() -> SourceLocation | None:
    """The file, line and column of the call of the function that calls this one."""
    here = inspect.currentframe()
    caller = here.f_back if here else None
    frame = caller.f_back if caller else None
    if frame is None:
        return None
    code = frame.f_code
    line, _, column, _ = next(islice(code.co_positions(), frame.f_lasti // 2, None))
    return SourceLocation(code.co_filename, line or frame.f_lineno, (column or 0) + 1)
