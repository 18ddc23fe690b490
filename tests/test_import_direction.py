"""Which part of rlxc may import which, as data; and that what is imported lazily stays so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from import_graph import Import, cycle, find_imports, find_modules
from rlxc.cli.commands import COMMANDS

LAYERS = (
    {"dialects"},
    {"passes"},
    {"diagnostics", "universe"},
    {"weights"},
    {"stages", "numpy_backend", "native"},
    {"flow", "models", "inspect", "validate", "runtime"},
    {"cli"},
    {"", "__main__"},
)
"""The parts of rlxc, lowest first: each imports lower ones, and those of its layer that do not import it back."""

ONLY = {"dialects": {"numpy", "typing_extensions", "xdsl"}}
"""Part -> all that it may import besides rlxc."""

HOME = {
    "gguf": "weights",
    "jinja2": "models",
    "llvmlite": "native",
    "mlir": "native",
    "safetensors": "weights",
    "tokenizers": "models",
}
"""Optional dependency -> the one part that imports it."""

ROOT = Path(__file__).resolve().parents[1]
MODULES = find_modules({"rlxc": ROOT / "rlxc", "rlxc.dialects": ROOT / "dialects", "rlxc.passes": ROOT / "passes"})
IMPORTS = tuple(find_imports(MODULES))
OWN = [found for found in IMPORTS if found.imported.split(".")[0] == "rlxc"]
FOREIGN = [found for found in IMPORTS if found.imported.split(".")[0] != "rlxc"]


def part(module: str) -> str:
    """`rlxc.flow.built` -> `flow`; `rlxc` -> nothing."""
    return [*module.split("."), ""][1]


def height(module: str) -> int:
    return next(height for height, layer in enumerate(LAYERS) if part(module) in layer)


def in_place(found: Import) -> bool:
    """Whether a part may import a package that is not rlxc."""
    importer, package = part(found.importer), found.imported.split(".")[0]
    at_home = HOME.get(package, importer) == importer
    return package in sys.stdlib_module_names or (at_home and package in ONLY.get(importer, {package}))


def test_every_part_has_a_layer() -> None:
    assert {part(module) for module in MODULES} <= set[str]().union(*LAYERS)


def test_every_import_of_our_own_exists() -> None:
    assert not [str(found) for found in OWN if found.imported not in MODULES]


def test_imports_go_down() -> None:
    assert not [str(found) for found in OWN if height(found.importer) < height(found.imported)]


def test_parts_do_not_import_each_other() -> None:
    edges = ((part(found.importer), part(found.imported)) for found in OWN)
    assert not cycle((start, end) for start, end in edges if start != end)


def test_fusion_does_not_know_what_lowers() -> None:
    lowering = ("rlxc.passes.lowering", "rlxc.passes.kernels")
    fusion = [found for found in OWN if found.importer.startswith("rlxc.passes.fusion")]
    assert not [str(found) for found in fusion if found.imported.startswith(lowering)]


def test_modules_do_not_import_each_other() -> None:
    assert not cycle((found.importer, module) for found in OWN if not found.lazy for module in found.executed())


def test_other_packages_are_imported_in_their_place() -> None:
    assert not [str(found) for found in FOREIGN if not in_place(found)]


@pytest.mark.parametrize(
    ("code", "already"),
    [
        ("import rlxc", ""),
        ("from rlxc.cli import main; main(['--help'])", ""),
        *((f"from rlxc.cli import main; main(['{command.name}', '--help'])", "") for command in COMMANDS),
        ("import rlxc.universe", "import xdsl.universe"),
    ],
)
def test_lazy(code: str, already: str) -> None:
    """The code loads no module of another package that is not there already."""
    expected = {"rlxc", *sys.stdlib_module_names}
    assert not [name for name in loaded(code) - loaded(already) if name.split(".")[0] not in expected]


def loaded(code: str) -> set[str]:
    """The modules that are loaded after running code in a new process."""
    program = f"{code}\nimport sys; print('modules:', *sys.modules)"
    result = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return set(result.stdout.partition("modules:")[2].split())
