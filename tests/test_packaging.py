"""What `pyproject.toml` says of packages is what is in the tree."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SETUPTOOLS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
HOMES: dict[str, str] = SETUPTOOLS["package-dir"]
"""Package -> the directory that it is made from, for those whose place does not follow from their name."""


def directories() -> Iterator[tuple[str, Path]]:
    """The packages that the tree holds, with their directories."""
    for package, home in HOMES.items():
        for init in (ROOT / home).rglob("__init__.py"):
            yield ".".join([package, *init.parent.relative_to(ROOT / home).parts]), init.parent


def files() -> Iterator[Path]:
    """All files below the homes of packages."""
    for home in HOMES.values():
        for path in (ROOT / home).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def test_every_package_is_listed() -> None:
    expected = sorted(package for package, _ in directories())
    assert SETUPTOOLS["packages"] == expected, f"tool.setuptools.packages has to be {expected}"


def test_every_directory_with_code_is_a_package() -> None:
    packages = {directory for _, directory in directories()}
    assert {path.parent for path in files() if path.suffix == ".py"} == packages


def test_every_other_file_is_package_data() -> None:
    patterns = SETUPTOOLS["package-data"]["*"]
    others = [path for path in files() if path.suffix != ".py"]
    assert ROOT / "rlxc" / "py.typed" in others
    assert not [path for path in others if not any(fnmatch(path.name, pattern) for pattern in patterns)]


@pytest.mark.parametrize("package", [package for package in HOMES if "." in package])
def test_a_link_leads_to_the_home(package: str) -> None:
    link = ROOT.joinpath(*package.split("."))
    assert link.is_symlink()
    assert link.readlink() == Path("..") / HOMES[package]


def test_the_entry_points_are_installed() -> None:
    found = {(point.group, point.name): point for point in entry_points(name="rlxc")}
    assert callable(found["console_scripts", "rlxc"].load())
    assert found["xdsl.universe", "rlxc"].load().all_dialects.keys() == {"rlx", "kernel"}
