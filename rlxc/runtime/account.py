"""What there is to say of a program that is compiled, as it is kept beside the code."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rlxc.weights import ParamSpec


@dataclass(frozen=True)
class Account:
    """What a compiled function says of its program, and the parameters that the fused program has."""

    ir: str
    fused_ir: str
    remarks: str
    params: tuple[ParamSpec, ...]

    def to_json(self) -> str:
        """What `from_json` reads."""
        params = [asdict(spec) | {"dtype": spec.dtype.str} for spec in self.params]
        return json.dumps(asdict(self) | {"params": params})

    @staticmethod
    def from_json(text: str) -> Account:
        """The account that `to_json` has written."""
        found = json.loads(text)
        return Account(**found | {"params": tuple(map(read_spec, found["params"]))})


def read_spec(found: dict[str, Any]) -> ParamSpec:
    """A parameter of an account in JSON."""
    return ParamSpec(
        tuple(found["keys"]),
        tuple(found["shape"]),
        np.dtype(found["dtype"]),
        transposed=found["transposed"],
        digest=found["digest"],
        table=found["table"],
    )
