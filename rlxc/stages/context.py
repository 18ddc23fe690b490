"""What a flow gives its stages: the block being built, weights, rope tables, inputs, residuals."""

from __future__ import annotations

import linecache
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager

from xdsl.dialects.builtin import (
    UNKNOWN_LOC,
    AnyFloat,
    FileLineColLoc,
    IntAttr,
    LocationAttr,
    NameLoc,
    NoneAttr,
    StringAttr,
    TensorType,
)
from xdsl.ir import Attribute, Block, Operation, SSAValue
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.hints import isa

from rlxc.diagnostics import RlxcError, SourceLocation
from rlxc.dialects.rlx import ParamOp
from rlxc.stages.parameters import Parameters, param_hint
from rlxc.stages.rope_slots import RopeSlots
from rlxc.weights import WeightSource
from rlxc.weights.source import Array


class FlowContext:
    """The state of a flow while its function is built.

    `rope` holds the rope tables, `residuals` the stack of saved values, `streams` those with a name, `inputs`
    the values of the declared side inputs by name: of a state, the last one.
    """

    def __init__(
        self,
        block: Block,
        weights: WeightSource,
        element_type: AnyFloat,
        inputs: Mapping[str, SSAValue] | None = None,
    ):
        self.block = block
        self.element_type = element_type
        self.inputs = dict(inputs or {})
        self.parameters = Parameters(weights, element_type)
        self.rope = RopeSlots()
        self.residuals: list[SSAValue] = []
        self.streams: dict[str, SSAValue] = {}
        self._location: LocationAttr = UNKNOWN_LOC

    def emit(self, op: Operation, hint: str | None = None) -> SSAValue:
        """Append an operation; its first result, named `hint` in the printed IR.

        The operation is verified at once, and gets the location of the stage.
        """
        return self.emit_all(op, (hint,))[0]

    def emit_all(self, op: Operation, hints: Sequence[str | None] = ()) -> Sequence[SSAValue]:
        """As `emit`, for an operation with several results."""
        op.location = self._location
        op.verify(verify_nested_ops=False)
        self.block.add_op(op)
        for value, hint in zip(op.results, hints, strict=False):
            value.name_hint = hint
        return op.results

    def param(
        self,
        key: str,
        *,
        field: str = "key",
        shape: Sequence[int | None] | None = None,
        transposed: bool = False,
        digest: str | None = None,
    ) -> SSAValue:
        """The weight `key`; one `rlx.param` for each key and orientation.

        `shape` is the expected shape as stored (None for a size that is free), `field` the name of
        the stage's field that holds the key. Raises RlxcError if the weight is missing, has
        another shape, or does not hold real numbers.
        """
        known = self.parameters.value([key], transposed)
        op = self.parameters.make([key], field=field, shape=shape, transposed=transposed, digest=digest)
        return self._emit_param(op) if known is None else known

    def joined_param(
        self, keys: Sequence[str], *, field: str = "keys", shape: Sequence[int | None], transposed: bool = False
    ) -> SSAValue:
        """The weights of `keys`, all of the shape of the first, side by side on the last axis of the value.

        See `param`.
        """
        known = self.parameters.value(keys, transposed)
        op = self.parameters.make(keys, field=field, shape=shape, transposed=transposed)
        return self._emit_param(op) if known is None else known

    def shared_digest(self, key: str, other: str, *, field: str, other_field: str) -> str | None:
        """The digest of two weights with equal content; None if they differ, or are the same weight."""
        return self.parameters.shared_digest(key, other, field, other_field)

    def array_param(self, key: str, array: Array) -> SSAValue:
        """An array of the stage itself as a parameter. Raises RlxcError if `key` holds something else already."""
        known = self.parameters.value([key], transposed=False)
        op = self.parameters.make_from_array(key, array)
        return self._emit_param(op) if known is None else known

    def _emit_param(self, op: ParamOp) -> SSAValue:
        value = self.emit(op, param_hint(op.key_names[0]))
        self.parameters.remember(op)
        return value

    def features(self, x: SSAValue) -> int:
        """The width of activations `[batch, seq, features]`; raises RlxcError if `x` is something else."""
        if isa(x.type, TensorType[Attribute]) and x.type.element_type == self.element_type:
            shape = x.type.get_shape()
            if len(shape) == 3 and shape[-1] > 0:
                return shape[-1]
        raise RlxcError(
            f"takes activations [batch, seq, features] of {self.element_type} with a fixed number of features, "
            f"got {x.type}",
            hint='declare the input as ("B", "S", 2048), or change the stage before',
        )

    @contextmanager
    def within(self, label: str, place: SourceLocation | None) -> Generator[None]:
        """Operations emitted inside get the location of the stage `label`; errors say that they come from it."""
        outer, self._location = self._location, stage_location(label, place)
        try:
            yield
        except RlxcError as error:
            raise blamed(error, label, place) from error
        except VerifyException as error:
            raise blamed(RlxcError(" ".join(str(error).split())), label, place) from error
        finally:
            self._location = outer


def stage_location(label: str, place: SourceLocation | None) -> LocationAttr:
    """`loc("SelfAttnPrefill(model.layers.0)"("layer.py":12:5))`."""
    if place is None:
        return NameLoc(StringAttr(label), NoneAttr())
    line = FileLineColLoc(StringAttr(place.file), IntAttr(place.line), IntAttr(place.column))
    return NameLoc(StringAttr(label), line)


def blamed(error: RlxcError, label: str, place: SourceLocation | None) -> RlxcError:
    """The error with the stage that it comes from; as it is if it has a place already."""
    if error.location is not None:
        return error
    line = linecache.getline(place.file, place.line) if place else ""
    return RlxcError(f"{label}: {error.message}", location=place, source_line=line or None, hint=error.hint)
