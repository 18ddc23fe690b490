"""The names that `rlxc opt` knows."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable

from xdsl.passes import ModulePass

from rlxc.inspect.registry import universe
from rlxc.passes.pipelines import PIPELINES
from rlxc.universe import RLX_UNIVERSE


def list_names(*, passes: bool, dialects: bool) -> int:
    """Print the names of passes and pipelines, of dialects, or of both."""
    if passes:
        own = RLX_UNIVERSE.all_passes
        others = {name: factory for name, factory in sorted(universe().all_passes.items()) if name not in own}
        print_section("pipelines", ((name, pipeline.about) for name, pipeline in PIPELINES.items()))
        print_section("passes of rlxc", ((name, summary(factory)) for name, factory in own.items()))
        print_section("other passes", ((name, summary(factory)) for name, factory in others.items()))
    if dialects:
        print_section("dialects", ((name, "") for name in sorted(universe().all_dialects)))
    return 0


def print_section(title: str, entries: Iterable[tuple[str, str]]) -> None:
    """Print a title and a line for each name."""
    print(f"{title}:")
    for name, about in entries:
        print(f"  {name:<38}  {about}".rstrip())


def summary(factory: Callable[[], type[ModulePass]]) -> str:
    """The first line of the pass's documentation."""
    try:
        definition = factory()
    except ImportError as error:
        return f"(not available: {error})"
    text = inspect.cleandoc(definition.__doc__ or "").split("\n")[0]
    made_by_dataclass = text.startswith(f"{definition.__name__}(")
    return "" if made_by_dataclass else text
