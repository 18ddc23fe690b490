"""Everything that is known by name: dialects, passes and targets of xDSL, of this project and of other packages."""

from __future__ import annotations

from functools import cache

from xdsl.context import Context
from xdsl.universe import Universe

from rlxc.diagnostics.errors import RlxcError
from rlxc.universe import RLX_UNIVERSE


@cache
def universe() -> Universe:
    """What the environment offers, and this project's part of it even where the package is not installed."""
    try:
        found = Universe.get_multiverse()
    except (AttributeError, ImportError, ValueError) as error:
        raise RlxcError(f"a package that extends xDSL does not load: {error}") from error
    return Universe(
        all_dialects=found.all_dialects | RLX_UNIVERSE.all_dialects,
        all_passes=found.all_passes | RLX_UNIVERSE.all_passes,
        all_targets=found.all_targets | RLX_UNIVERSE.all_targets,
    )


def make_context(*, allow_unregistered: bool = False) -> Context:
    """A context that loads every known dialect when it is first used."""
    context = Context(allow_unregistered=allow_unregistered)
    for name, dialect in universe().all_dialects.items():
        context.register_dialect(name, dialect)
    return context
