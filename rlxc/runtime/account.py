"""What there is to say of a program that is compiled, as it is kept beside the code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from rlxc.weights import ParamSpec


@dataclass(frozen=True)
class Account:
    """What a compiled function says of its program, and the parameters of it, as written and as fused."""

    ir: str
    fused_ir: str
    remarks: str
    params: tuple[ParamSpec, ...]
    fused_params: tuple[ParamSpec, ...]

    def data(self) -> dict[str, Any]:
        """The account as JSON can hold it."""
        params, fused = (list(map(spec_data, specs)) for specs in (self.params, self.fused_params))
        return asdict(self) | {"params": params, "fused_params": fused}

    def to_json(self) -> str:
        """What `from_json` reads."""
        return json.dumps(self.data())

    @staticmethod
    def from_data(found: Mapping[str, Any]) -> Account:
        """The account that gave this `data`."""
        params, fused = (tuple(map(read_spec, found[name])) for name in ("params", "fused_params"))
        return Account(found["ir"], found["fused_ir"], found["remarks"], params, fused)

    @staticmethod
    def from_json(text: str) -> Account:
        """The account that `to_json` has written."""
        return Account.from_data(json.loads(text))


def spec_data(spec: ParamSpec) -> dict[str, Any]:
    """A parameter as JSON can hold it."""
    return asdict(spec) | {"dtype": spec.dtype.str}


def read_spec(found: Mapping[str, Any]) -> ParamSpec:
    """A parameter of an account in JSON."""
    return ParamSpec(
        tuple(found["keys"]),
        tuple(found["shape"]),
        np.dtype(found["dtype"]),
        transposed=found["transposed"],
        digest=found["digest"],
        table=found["table"],
    )
