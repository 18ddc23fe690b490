"""Which keys a query sees by its position."""

from __future__ import annotations

from dataclasses import dataclass

from rlxc.dialects.rlx.attributes import MaskKind
from rlxc.passes.kernels.attention.spec import AttentionSpec
from rlxc.passes.lowering.scalars import Scalar, Size, maximum, minimum


@dataclass(frozen=True)
class Visibility:
    """A query sees the keys from `first(query)` to before `end(query)`; both never decrease from query to query."""

    spec: AttentionSpec
    kv_length: Scalar
    query_offset: Scalar

    def first(self, query: Size) -> Size:
        """The first visible key."""
        if self.spec.window is None:
            return 0
        return maximum(self.query_offset + query - (self.spec.window - 1), 0)

    def end(self, query: Size) -> Size:
        """The key after the last visible one; not after `first` where the query sees no key."""
        if self.spec.mask == MaskKind.NONE:
            return self.kv_length
        return maximum(minimum(self.query_offset + query + 1, self.kv_length), 0)
