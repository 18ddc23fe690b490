"""Where rope tables come from: a formula, or two arrays."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
from xdsl.dialects.builtin import TensorType

from rlxc.diagnostics import RlxcError
from rlxc.dialects.rlx import RopeTableOp, TableKind
from rlxc.stages.checks import require_instance, require_positive
from rlxc.stages.context import FlowContext
from rlxc.stages.rope_slots import RopePair
from rlxc.weights.source import Array


class RopeTableSource(Protocol):
    """The fields of a stage that makes rope tables: a formula, or two arrays `[positions, n_rot / 2]`."""

    @property
    def theta(self) -> float | None: ...
    @property
    def n_rot(self) -> int | None: ...
    @property
    def max_positions(self) -> int | None: ...
    @property
    def cos(self) -> Array | None: ...
    @property
    def sin(self) -> Array | None: ...


def check_tables(stage: str, source: RopeTableSource) -> None:
    """Raise RlxcError unless either the formula or the arrays are given, and are sound."""
    formula = (source.theta, source.n_rot, source.max_positions)
    cos, sin = source.cos, source.sin
    if cos is None and sin is None:
        if any(field is None for field in formula):
            raise RlxcError(f"{stage}: give theta, n_rot and max_positions, or the tables cos and sin")
        _check_formula(stage, source)
        return
    if any(field is not None for field in formula):
        raise RlxcError(f"{stage}: give either theta, n_rot and max_positions, or the tables cos and sin, not both")
    if cos is None or sin is None:
        raise RlxcError(f"{stage}: rope tables come in pairs: give both cos and sin")
    _check_arrays(stage, cos, sin)


def _check_formula(stage: str, source: RopeTableSource) -> None:
    require_positive(stage, "n_rot", source.n_rot)
    require_positive(stage, "max_positions", source.max_positions)
    assert source.n_rot is not None
    if source.n_rot % 2:
        raise RlxcError(f"{stage}: n_rot must be even, got {source.n_rot}")
    theta = source.theta
    if not isinstance(theta, int | float) or not math.isfinite(theta) or theta <= 0:
        raise RlxcError(f"{stage}: theta must be a positive number, got {theta!r}")


def _check_arrays(stage: str, cos: Array, sin: Array) -> None:
    for name, table in (("cos", cos), ("sin", sin)):
        require_instance(stage, name, table, np.ndarray)
        if table.dtype.kind != "f":
            raise RlxcError(f"{stage}: {name} must hold floating-point numbers, got {table.dtype}")
        if table.ndim != 2 or not table.size:
            raise RlxcError(
                f"{stage}: {name} has shape {list(table.shape)}, expected [positions, n_rot / 2]",
                hint="of tables as wide as a head, whose two halves are equal, give the first half",
            )
        if not np.isfinite(table).all():
            raise RlxcError(f"{stage}: {name} holds NaN or infinity")
    if cos.shape != sin.shape:
        raise RlxcError(f"{stage}: cos has shape {list(cos.shape)}, but sin {list(sin.shape)}")


def emit_tables(ctx: FlowContext, source: RopeTableSource, name: str | None) -> None:
    """Make the tables, and leave them in the context as `name`."""
    prefix = "" if name is None else f"{name}_"
    if source.cos is not None and source.sin is not None:
        key = "rope." if name is None else prefix
        pair = RopePair(ctx.array_param(f"{key}cos", source.cos), ctx.array_param(f"{key}sin", source.sin))
    else:
        assert source.theta is not None
        assert source.n_rot is not None
        assert source.max_positions is not None
        type_ = TensorType(ctx.element_type, (source.max_positions, source.n_rot // 2))
        cos = RopeTableOp(TableKind.COS, float(source.theta), type_)
        sin = RopeTableOp(TableKind.SIN, float(source.theta), type_)
        pair = RopePair(ctx.emit(cos, f"{prefix}cos"), ctx.emit(sin, f"{prefix}sin"))
    ctx.rope.store(name, pair)
