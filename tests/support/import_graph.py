"""Which module of rlxc imports which, read from the source without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path


@dataclass(frozen=True)
class Import:
    """An import of one module."""

    importer: str
    imported: str
    place: str
    lazy: bool
    """Inside a function, or for type checkers only."""

    def __str__(self) -> str:
        return f"{self.place}: {self.importer} imports {self.imported}"

    def executed(self) -> Iterator[str]:
        """What the import runs: the module, and the packages around it unless they are around the importer too."""
        yield self.imported
        package = self.imported.rpartition(".")[0]
        while package and not f"{self.importer}.".startswith(f"{package}."):
            yield package
            package = package.rpartition(".")[0]


def find_modules(homes: Mapping[str, Path]) -> dict[str, Path]:
    """All modules of packages that live in the directories `homes`, with their files."""
    return {
        module_name(package, path.relative_to(home)): path
        for package, home in homes.items()
        for path in sorted(home.rglob("*.py"))
    }


def module_name(package: str, path: Path) -> str:
    """`rlxc`, `flow/built.py` -> `rlxc.flow.built`."""
    parts = [package, *path.with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def find_imports(modules: Mapping[str, Path]) -> Iterator[Import]:
    """All imports of the modules."""
    for module, path in modules.items():
        package = module if path.stem == "__init__" else module.rpartition(".")[0]
        for statement, lazy in statements(ast.parse(path.read_text(encoding="utf-8"))):
            for name in imported_names(statement, package):
                submodules = name in modules or not isinstance(statement, ast.ImportFrom)
                imported = name if submodules else name.rpartition(".")[0]
                yield Import(module, imported, f"{path}:{statement.lineno}", lazy)


def statements(node: ast.AST, lazy: bool = False) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    """The import statements below a node, and whether they are lazy."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, lazy
        else:
            yield from statements(child, lazy or is_lazy(child))


def is_lazy(node: ast.AST) -> bool:
    """Whether the statements below a node do not run when the module is imported."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case _:
            return False


def imported_names(statement: ast.Import | ast.ImportFrom, package: str) -> Iterator[str]:
    """The full names that a statement in a package imports: modules, or names in modules."""
    match statement:
        case ast.Import(names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module, names, level):
            base = resolve_name("." * level + (module or ""), package)
            yield from (f"{base}.{alias.name}" for alias in names)


def cycle(edges: Iterator[tuple[str, str]]) -> list[str]:
    """A cycle of these edges; empty if there is none."""
    graph: dict[str, set[str]] = {}
    for start, end in edges:
        graph.setdefault(start, set()).add(end)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []
