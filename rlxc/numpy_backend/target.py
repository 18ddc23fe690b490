"""The target `rlx-numpy` of xdsl-opt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.target import Target


@dataclass(frozen=True)
class NumpyTarget(Target):
    """Print a module at the linalg level as a Python module: see `rlxc.numpy_backend.emit_numpy`."""

    name = "rlx-numpy"

    def emit(self, ctx: Context, module: ModuleOp, output: IO[str]) -> None:
        from rlxc.numpy_backend.module import emit_numpy

        output.write(emit_numpy(module))
