"""One file for each pass that changed the module, each of which can be made again from the one before.

```
00-input.mlir                      // rlxc opt layer.mlir
01-rlx-eliminate-repeat-kv.mlir    // rlxc opt 00-input.mlir -p rlx-eliminate-repeat-kv
remarks.txt
```
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from rlxc.diagnostics.errors import RlxcError
from rlxc.diagnostics.output import write_atomically
from rlxc.inspect.changes import OnChange
from rlxc.passes.remarks import Remark

COMMAND = "// rlxc opt"
"""How the first line of every dump begins."""


@dataclass
class DumpDirectory:
    """A PipelineObserver that writes the dumps of one run to `directory`, in place of those of an earlier one.

    `source` is the name of the input; the dumps hold the resources of the dialects of `context`.
    Raises RlxcError if the directory cannot be written.
    """

    directory: Path
    source: str
    context: Context | None = None
    _files: list[str] = field(default_factory=list[str], init=False)
    _changes: OnChange = field(init=False)

    def __post_init__(self) -> None:
        self._changes = OnChange(self._write, self.context)
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            for stale in filter(is_dump, self.directory.glob("[0-9][0-9]*-*.mlir")):
                stale.unlink()
        except OSError as error:
            raise RlxcError(f"cannot write dumps to '{self.directory}': {error.strerror}") from error

    def __call__(self, done: ModulePass | None, module: ModuleOp, todo: ModulePass | None) -> None:
        """See PipelineObserver."""
        self._changes(done, module, todo)

    def write_remarks(self, remarks: Iterable[Remark]) -> None:
        """Write what the passes said, a line each."""
        write_atomically(self.directory / "remarks.txt", "".join(f"{remark}\n" for remark in remarks))

    def _write(self, done: ModulePass | None, text: str) -> None:
        name = f"{len(self._files):02d}-{done.name if done else 'input'}.mlir"
        arguments = [self._files[-1], "-p", str(done.pipeline_pass_spec())] if done else [self.source]
        command = " ".join(f"{COMMAND} {shlex.join(arguments)}".split("\n"))
        write_atomically(self.directory / name, f"{command}\n{text}")
        self._files.append(name)


def is_dump(path: Path) -> bool:
    """Whether `path` was written by an earlier run."""
    with path.open("rb") as stream:
        return stream.readline(len(COMMAND)) == COMMAND.encode()
