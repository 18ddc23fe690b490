"""Values made once, when weights are loaded: `rlx.param` and `rlx.rope_table`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from xdsl.dialects.builtin import ArrayAttr, FloatAttr, StringAttr, TensorType, UnitAttr, f64
from xdsl.ir import Attribute
from xdsl.irdl import (
    VarConstraint,
    base,
    irdl_op_definition,
    opt_prop_def,
    prop_def,
    result_def,
    traits_def,
)
from xdsl.traits import OpTrait, Pure

from rlxc.dialects.rlx.attributes import REAL, TableKind, TableKindAttr
from rlxc.dialects.rlx.base import RlxOperation, is_static, require
from rlxc.dialects.rlx.constraints import FLOAT, tensor_of
from rlxc.dialects.rlx.format import Keys


class LoadTime(OpTrait):
    """The result depends on the weights alone: it is made at load time, never in a call."""


@irdl_op_definition
class ParamOp(RlxOperation):
    """A weight, by its key in the weight source.

    `value = stored`, or `stored` transposed (`[N, K]` stored, `[K, N]` the value) with
    `transposed`. Several keys are concatenated along the output axis (the last of the
    value) at load time. With `digest`, the stored content is checked when it is loaded:
    params with equal digests hold equal values.
    """

    name = "rlx.param"

    keys = prop_def(ArrayAttr[StringAttr])
    transposed = opt_prop_def(UnitAttr)
    digest = opt_prop_def(StringAttr)
    result = result_def(TensorType)

    traits = traits_def(Pure(), LoadTime())
    custom_directives = (Keys,)
    assembly_format = (
        "custom<Keys>($keys) (`transposed` $transposed^)? (`digest` `(` $digest^ `)`)? attr-dict `:` type($result)"
    )

    def __init__(
        self, keys: Sequence[str], result_type: Attribute, *, transposed: bool = False, digest: str | None = None
    ):
        super().__init__(
            result_types=[result_type],
            properties={
                "keys": ArrayAttr(StringAttr(key) for key in keys),
                "transposed": UnitAttr() if transposed else None,
                "digest": None if digest is None else StringAttr(digest),
            },
        )

    @property
    def key_names(self) -> tuple[str, ...]:
        """The keys as Python strings."""
        return tuple(key.data for key in self.keys)

    def verify_semantics(self) -> None:
        shape = self.result.type.get_shape()
        require(len(self.keys) > 0, "needs at least one key")
        require(all(self.key_names), "a key must not be empty")
        require(len(set(self.key_names)) == len(self.keys), "names the same key twice")
        require(all(map(is_static, shape)), "a weight has a static shape")
        require(all(size > 0 for size in shape), "a weight must not be empty")
        if self.transposed is not None:
            require(len(shape) == 2, f"'transposed' needs a weight of rank 2, got rank {len(shape)}")
        require(len(self.keys) == 1 or len(shape) >= 1, "several keys need a weight of rank 1 or more")


@irdl_op_definition
class RopeTableOp(RlxOperation):
    """The cosines or sines of a rotary embedding, computed at load time in float64.

    `table[p, i] = cos(p * theta ** (-2i / n_rot))` for `p < P`, `i < R`, `n_rot = 2R`
    (Su et al., RoFormer, 2021); `sin` likewise. The value is rounded to the element type.
    """

    name = "rlx.rope_table"

    _E: ClassVar = VarConstraint("E", FLOAT)

    kind = prop_def(base(TableKindAttr))
    theta = prop_def(REAL)
    result = result_def(tensor_of(_E, "positions", "half_n_rot"))

    traits = traits_def(Pure(), LoadTime())
    assembly_format = "$kind attr-dict `:` type($result)"

    def __init__(self, kind: TableKind, theta: float, result_type: Attribute):
        super().__init__(
            result_types=[result_type],
            properties={"kind": TableKindAttr(kind), "theta": FloatAttr(theta, f64)},
        )

    def verify_semantics(self) -> None:
        require(all(size > 0 for size in self.result.type.get_shape()), "a rope table has a static shape")
        require(self.theta.value.data > 0, "'theta' must be positive")
