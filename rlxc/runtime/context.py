"""The dialects that programs may use."""

from __future__ import annotations

from xdsl.context import Context
from xdsl.universe import XDSL_UNIVERSE

from rlxc.universe import RLX_UNIVERSE


def new_context() -> Context:
    """A context that knows the `rlx` dialect and all of xDSL's, each loaded when it is first used."""
    context = Context()
    for universe in (XDSL_UNIVERSE, RLX_UNIVERSE):
        for name, dialect in universe.all_dialects.items():
            context.register_dialect(name, dialect)
    return context
