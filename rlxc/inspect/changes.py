"""The module as text, each time that a pass changed it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from rlxc.inspect.ir_text import module_text


@dataclass
class OnChange:
    """A PipelineObserver that calls `report` with the input, and with the module after each pass that changed it."""

    report: Callable[[ModulePass | None, str], None]
    context: Context | None = None
    _last: str | None = field(default=None, init=False)

    def __call__(self, done: ModulePass | None, module: ModuleOp, todo: ModulePass | None) -> None:
        """See PipelineObserver."""
        text = module_text(module, self.context)
        if text != self._last:
            self.report(done, text)
        self._last = text
