"""The stages that only texts of whole models have."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from rlxc.flow.language.stage_table import Callee
from rlxc.models.rope import Rope, rope_tables
from rlxc.stages import NamedRopeTables


def scaled_rope_tables(name: str, rope: Rope, positions: int) -> NamedRopeTables:
    """The tables of a rotary embedding of any type, as arrays."""
    return NamedRopeTables.from_arrays(name, *rope_tables(rope, positions))


MODEL_STAGES: Mapping[str, Callee] = MappingProxyType(
    {"scaled_rope_tables": Callee(scaled_rope_tables, scaled_rope_tables)}
)
"""Name -> the stage."""
