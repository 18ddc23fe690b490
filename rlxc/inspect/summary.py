"""What a compile did, in three lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from xdsl.dialects.builtin import ModuleOp

from rlxc.inspect.cost import cost_of, costed_function
from rlxc.inspect.shapes import named_sizes
from rlxc.passes.remarks import Remark


def summary(before: ModuleOp, after: ModuleOp, remarks: Iterable[Remark]) -> str:
    """Operations before and after, what fused, and the bytes saved in a call of default sizes.

    Raises RlxcError if the module has no entry function, or if it branches.
    """
    old, new = cost_of(before, {}), cost_of(after, {})
    fused = Counter(remark.pass_name for remark in remarks if remark.kind == "fused")
    what = ", ".join(f"{name} ({count})" if count > 1 else name for name, count in fused.items())
    sizes = ", ".join(f"{name} = {size}" for name, size in named_sizes(costed_function(before)).items())
    call = f"a call ({sizes})" if sizes else "a call"
    saved = old.bytes_moved - new.bytes_moved
    return (
        f"operations: {old.operations} -> {new.operations}\n"
        f"fused: {what or 'nothing'}\n"
        f"bytes saved in {call}: {readable_bytes(saved)} of {readable_bytes(old.bytes_moved)}; "
        f"KV cache {readable_bytes(old.kv_cache_bytes)} -> {readable_bytes(new.kv_cache_bytes)}"
    )


def readable_bytes(count: float) -> str:
    """A size in the largest unit that leaves a number of at least 1."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(count) < 1024 or unit == "GiB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    raise AssertionError("unreachable: the last unit returns")
