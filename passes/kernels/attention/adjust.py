"""What happens to scores between the product and the softmax: softcap, bias, padding, and the mask."""

from __future__ import annotations

from xdsl.dialects.builtin import IndexType
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from rlxc.passes.kernels.attention.blocking import Blocking
from rlxc.passes.kernels.attention.spec import AttentionSpec
from rlxc.passes.kernels.vectors import (
    Vector,
    each,
    filled,
    first_lanes,
    function,
    load,
    masked_load,
    masked_store,
    noinline,
    store,
    tanh,
)
from rlxc.passes.kernels.views import run_of_elements, size_of
from rlxc.passes.lowering.scalars import Scalar, maximum, minimum

NEVER = float("-inf")
"""The score of a key that is not visible."""


def adjust_name(spec: AttentionSpec) -> str:
    """The name of the function for one row."""
    return f"{spec.name}_adjust"


def adjust_function(spec: AttentionSpec, blocking: Blocking) -> FuncOp:
    """`score = cap(score) + bias + padding` for the keys `first : end` of a block, in one row.

    The score comes divided by the cap. The row of the bias may be shorter than the block.
    """
    arguments = {
        "scores": run_of_elements(blocking.keys),
        **({"padding": run_of_elements()} if spec.padding else {}),
        **({"bias": run_of_elements()} if spec.bias_heads else {}),
        "first": IndexType(),
        "end": IndexType(),
    }

    def body(*values: SSAValue) -> None:
        memory = dict(zip(arguments, values, strict=True))
        lanes, scores = blocking.lanes, memory["scores"]

        def adjust(key: Scalar) -> None:
            score = load(scores, [key], lanes)
            if spec.softcap is not None:
                score = tanh(score) * (spec.softcap * spec.score_unit)
            if "bias" in memory:
                score = score + _load_inside(memory["bias"], key, lanes)
            if "padding" in memory:
                score = score + load(memory["padding"], [key], lanes)
            store(score, scores, [key])

        each(Scalar(memory["first"]), Scalar(memory["end"]), lanes, adjust)

    return noinline(function(adjust_name(spec), tuple(arguments.items()), body))


def hide_name(blocking: Blocking) -> str:
    """The name of the function for one row."""
    return f"rlxc_attention_hide_{blocking.lanes}_{blocking.keys}"


def hide_function(blocking: Blocking) -> FuncOp:
    """Let the scores of the keys `first : end` be minus infinity outside `visible : hidden`, in one row."""
    lanes = blocking.lanes
    named = ("visible", "hidden", "first", "end")

    def body(scores: SSAValue, *values: SSAValue) -> None:
        visible, hidden, first, end = map(Scalar, values)

        def hide_before(key: Scalar) -> None:
            masked_store(filled(NEVER, lanes), scores, [key], first_lanes(visible - key, lanes))

        def hide_after(key: Scalar) -> None:
            kept = first_lanes(hidden - key, lanes)
            store(masked_load(scores, [key], kept, lanes, NEVER), scores, [key])

        each(first, minimum(visible, end), lanes, hide_before)
        each(maximum(first, maximum(hidden, 0) // lanes * lanes), end, lanes, hide_after)

    arguments = (("scores", run_of_elements(blocking.keys)), *((name, IndexType()) for name in named))
    return noinline(function(hide_name(blocking), arguments, body))


def _load_inside(source: SSAValue, index: Scalar, lanes: int) -> Vector:
    """The elements of a vector that there are."""
    return masked_load(source, [index], first_lanes(size_of(source, 0) - index, lanes), lanes)
