"""Rotary embeddings: frequencies of every kind, one a file, and tables of them."""

from rlxc.models.rope.base import Rope
from rlxc.models.rope.dynamic import DynamicRope
from rlxc.models.rope.linear import LinearRope
from rlxc.models.rope.llama3 import Llama3Rope
from rlxc.models.rope.longrope import LongRope
from rlxc.models.rope.proportional import ProportionalRope
from rlxc.models.rope.tables import CosSin, rope_rows, rope_tables
from rlxc.models.rope.yarn import YarnRope

__all__ = [
    "CosSin",
    "DynamicRope",
    "LinearRope",
    "Llama3Rope",
    "LongRope",
    "ProportionalRope",
    "Rope",
    "YarnRope",
    "rope_rows",
    "rope_tables",
]
