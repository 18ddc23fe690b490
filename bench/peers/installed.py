"""Which interpreter has which backend: `python -m bench.peers.installed` prints the versions of those that it has."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from bench.peers.backends import BACKENDS, Entry

Versions = dict[str, dict[str, str]]
"""Backend -> package -> version."""


def versions_here(backends: Mapping[str, Entry]) -> Versions:
    """Those of the backends that this interpreter has."""
    return {name: package_versions(entry) for name, entry in backends.items() if all(map(is_there, entry.modules))}


def is_there(module: str) -> bool:
    """Whether a module could be imported."""
    try:
        return find_spec(module) is not None
    except ImportError:
        return False


def package_versions(entry: Entry) -> dict[str, str]:
    """The versions of a backend's packages."""
    found: dict[str, str] = {}
    for package in entry.packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "source"
    return found


def interpreters(
    pythons: Sequence[str], module: str = "bench.peers.installed"
) -> tuple[dict[str, str], dict[str, str]]:
    """Backend -> the first interpreter that has it; package -> its version there.

    `module` prints the versions of the backends that an interpreter has.
    """
    python_of: dict[str, str] = {}
    versions: dict[str, str] = {}
    for python in pythons:
        command = [python, "-m", module]
        found: Versions = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for name, packages in found.items():
            if name not in python_of:
                python_of[name] = python
                versions |= packages
    return python_of, versions


if __name__ == "__main__":
    print(json.dumps(versions_here(BACKENDS)))
