"""The parameters of a program."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics import RlxcError
from rlxc.dialects.rlx import ParamOp
from rlxc.runtime.parameters import check_specs
from rlxc.weights import ParamSpec, WeightSource, spec_of


def param_specs(module: ModuleOp) -> Iterator[ParamSpec]:
    """The parameters in use. Raises RlxcError if a weight is used with two element types."""
    dtypes: dict[str, np.dtype[np.floating]] = {}
    for op in module.walk():
        if not isinstance(op, ParamOp) or not op.result.uses:
            continue
        spec = spec_of(op)
        for key in spec.keys:
            if dtypes.setdefault(key, spec.dtype) != spec.dtype:
                raise RlxcError(f"weight '{key}' is used both as {dtypes[key]} and as {spec.dtype}")
        yield spec


def check_weights(module: ModuleOp, source: WeightSource) -> None:
    """Check each weight of the program as it is written: its shape, and its content where the program states it.

    A pass may join weights, so that their shapes agree in sum only, or drop one that equals another.
    """
    check_specs(param_specs(module), source)
