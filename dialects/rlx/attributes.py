"""The attributes of the `rlx` dialect: activations, rope styles, attention masks."""

from __future__ import annotations

from collections.abc import Sequence
from enum import auto

from xdsl.dialects.builtin import AnyFloat, FloatAttr, IntegerAttr, f64, i64
from xdsl.dialects.utils import EnumAttribute
from xdsl.ir import Attribute, ParametrizedAttribute, SpacedOpaqueSyntaxAttribute
from xdsl.irdl import AtLeast, AttrConstraint, BaseAttr, eq, irdl_attr_definition
from xdsl.parser import AttrParser
from xdsl.printer import Printer
from xdsl.utils.exceptions import VerifyException
from xdsl.utils.str_enum import StrEnum

POSITIVE_INT: AttrConstraint[IntegerAttr] = IntegerAttr.constr(eq(i64), value=AtLeast(1))
"""A count or size: an i64 of at least 1."""

REAL: AttrConstraint[FloatAttr[AnyFloat]] = FloatAttr.constr(BaseAttr(type(f64)))
"""A real number, held as f64 whatever the element type of the tensors."""


class Activation(StrEnum):
    """`silu(x) = x/(1+exp(-x))`; `gelu(x) = x/2 (1+erf(x/sqrt 2))`; `relu(x) = max(x, 0)`.

    `gelu_tanh(x) = x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`.
    """

    SILU = auto()
    GELU = auto()
    GELU_TANH = auto()
    RELU = auto()


@irdl_attr_definition
class ActivationAttr(EnumAttribute[Activation], SpacedOpaqueSyntaxAttribute):
    """A pointwise nonlinearity: `#rlx<activation silu>`, in an op `activation(silu)`."""

    name = "rlx.activation"


class RopeStyle(StrEnum):
    """Which components rotate together: `half` pairs `(i, i + n_rot/2)`, `interleaved` pairs `(2i, 2i+1)`."""

    HALF = auto()
    INTERLEAVED = auto()


@irdl_attr_definition
class RopeStyleAttr(EnumAttribute[RopeStyle], SpacedOpaqueSyntaxAttribute):
    """The pairing of a rotary embedding: `#rlx<rope_style half>`, in an op `style(interleaved)`."""

    name = "rlx.rope_style"


class TableKind(StrEnum):
    """Which function of the rotation angles a table holds."""

    COS = auto()
    SIN = auto()


@irdl_attr_definition
class TableKindAttr(EnumAttribute[TableKind], SpacedOpaqueSyntaxAttribute):
    """`#rlx<table_kind cos>` or `#rlx<table_kind sin>`."""

    name = "rlx.table_kind"


class MaskKind(StrEnum):
    """Which keys a query sees by its position alone."""

    NONE = auto()
    CAUSAL = auto()
    SLIDING = auto()


@irdl_attr_definition
class MaskKindAttr(EnumAttribute[MaskKind], SpacedOpaqueSyntaxAttribute):
    """`#rlx<mask_kind causal>`."""

    name = "rlx.mask_kind"


@irdl_attr_definition
class MaskAttr(ParametrizedAttribute, SpacedOpaqueSyntaxAttribute):
    """The positional mask of an attention: `none`, `causal` or `sliding<W>`.

    With `p = i + query_offset` the position of query `i`: `causal` shows it the keys `j <= p`,
    `sliding<W>` those with `p - W < j <= p` (W keys, its own included).
    """

    name = "rlx.mask"

    kind: MaskKindAttr
    window: IntegerAttr

    def __init__(self, kind: MaskKind, window: int = 0):
        super().__init__(MaskKindAttr(kind), IntegerAttr(window, i64))

    def verify(self) -> None:
        sliding = self.kind.data == MaskKind.SLIDING
        if sliding and self.window.value.data < 1:
            raise VerifyException("a sliding window must hold at least 1 key")
        if not sliding and self.window.value.data != 0:
            raise VerifyException(f"mask '{self.kind.data.value}' takes no window")

    @property
    def is_none(self) -> bool:
        return self.kind.data == MaskKind.NONE

    @property
    def window_size(self) -> int | None:
        """The number of keys in the window, None unless sliding."""
        return self.window.value.data if self.kind.data == MaskKind.SLIDING else None

    @classmethod
    def parse_parameters(cls, parser: AttrParser) -> Sequence[Attribute]:
        kind = parser.parse_str_enum(MaskKind)
        window = 0
        if kind == MaskKind.SLIDING:
            with parser.in_angle_brackets():
                window = parser.parse_integer(allow_boolean=False)
        return MaskKindAttr(kind), IntegerAttr(window, i64)

    def print_parameters(self, printer: Printer) -> None:
        printer.print_string(str(self.kind.data))
        if self.window_size is not None:
            printer.print_string(f"<{self.window_size}>")
