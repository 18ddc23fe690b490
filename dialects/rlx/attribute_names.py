"""The names of the attributes of other dialects' operations that the meaning of a program depends on."""

from __future__ import annotations

SCOPE = "rlx.scope"
"""The attribute of a call that stands before the keys of all weights of the called function."""
