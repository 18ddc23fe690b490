"""The parameters of a program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics import RlxcError
from rlxc.dialects.rlx import ParamOp
from rlxc.dialects.rlx.scope import scoped_params
from rlxc.runtime.parameters import check_specs
from rlxc.weights import ParamSpec, WeightSource, spec_of


def param_specs(module: ModuleOp) -> Iterator[ParamSpec]:
    """The parameters in use, by what their keys are with the scopes of calls.

    Raises RlxcError if a weight is used with two element types.
    """
    dtypes: dict[str, np.dtype[np.floating]] = {}
    for op, scope in scoped_params(module):
        if not op.result.uses:
            continue
        spec = spec_in(op, scope)
        for key in spec.keys:
            if dtypes.setdefault(key, spec.dtype) != spec.dtype:
                raise RlxcError(f"weight '{key}' is used both as {dtypes[key]} and as {spec.dtype}")
        yield spec


def spec_in(op: ParamOp, scope: str) -> ParamSpec:
    """The parameter that `op` stands for in a function that is called with a scope."""
    spec = spec_of(op)
    return replace(spec, keys=tuple(scope + key for key in spec.keys)) if scope else spec


def check_weights(module: ModuleOp, source: WeightSource) -> None:
    """Check each weight of the program as it is written: its shape, and its content where the program states it.

    A pass may join weights, so that their shapes agree in sum only, or drop one that equals another.
    """
    check_specs(param_specs(module), source)
