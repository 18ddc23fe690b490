"""The rope tables that stages have made for the layers after them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from xdsl.ir import SSAValue

from rlxc.diagnostics import RlxcError, did_you_mean


class RopePair(NamedTuple):
    """A table of cosines and one of sines, both `[positions, n_rot / 2]`."""

    cos: SSAValue
    sin: SSAValue


@dataclass
class RopeSlots:
    """The default tables, and others by name: `"{name}_cos"` and `"{name}_sin"`."""

    default: RopePair | None = None
    named: dict[str, SSAValue] = field(default_factory=dict[str, SSAValue])

    def store(self, name: str | None, pair: RopePair) -> None:
        """Make `pair` the tables called `name`, the default ones for None."""
        if name is None:
            self.default = pair
            return
        self.named[f"{name}_cos"], self.named[f"{name}_sin"] = pair

    def find(self, name: str | None, n_rot: int) -> RopePair:
        """The tables called `name`. Raises RlxcError, with the stage to add, if there are none for `n_rot`."""
        pair = self.default if name is None else self._named(name, n_rot)
        if pair is None:
            raise RlxcError(
                "there are no rope tables",
                hint=f"add RopeTables(theta=..., n_rot={n_rot}, max_positions=...) before this stage",
            )
        return pair

    def _named(self, name: str, n_rot: int) -> RopePair:
        for table in (f"{name}_cos", f"{name}_sin"):
            if table not in self.named:
                names = {known.removesuffix("_cos") for known in self.named if known.endswith("_cos")}
                stage = f"NamedRopeTables('{name}', theta=..., n_rot={n_rot}, max_positions=...)"
                raise RlxcError(
                    f"rope_table is '{name}', but there is no table '{table}'{did_you_mean(name, names)}",
                    hint=f"add {stage} before this stage",
                )
        return RopePair(self.named[f"{name}_cos"], self.named[f"{name}_sin"])
