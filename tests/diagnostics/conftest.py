"""A context with every dialect, for texts to be parsed in."""

from __future__ import annotations

import pytest
from xdsl.context import Context
from xdsl.universe import XDSL_UNIVERSE

from rlxc.universe import RLX_UNIVERSE


@pytest.fixture
def context() -> Context:
    known = Context()
    for name, dialect in (XDSL_UNIVERSE.all_dialects | RLX_UNIVERSE.all_dialects).items():
        known.register_dialect(name, dialect)
    return known
