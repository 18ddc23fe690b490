"""Whether a checkpoint holds the tensors that a model needs, and no others."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from rlxc.diagnostics import RlxcError, closest
from rlxc.weights import WeightSource

NO_WEIGHTS = re.compile(
    r"rope_.*|.*\.(rotary_emb\.inv_freq|masked_bias|position_ids)|.*attention\.bias"
    r"|(pooler|cls|score|classifier|qa_outputs)\..*"
)
"""Tensors that may be there without being used: tables that follow from the config, and heads for other tasks."""

MOST_LISTED = 8
"""How many tensors a message lists."""


def check_tensors(weights: WeightSource, expected: Collection[str], *, optional: Collection[str] = ()) -> None:
    """Raise RlxcError unless `weights` holds exactly the tensors `expected`.

    Those of `optional` may be there though the model has no use for them.
    The message lists what is missing and what is unexpected, each with the nearest name on the other side.
    """
    found = set(weights.keys())
    wanted = set(expected)
    unused = {name for name in found - wanted if name not in optional and not NO_WEIGHTS.fullmatch(name)}
    missing = wanted - found
    if not missing and not unused:
        return
    parts = [listed("missing", missing, unused), listed("unexpected", unused, missing or wanted)]
    raise RlxcError(
        f"the tensors of {weights} are not those of the model that its config describes: "
        + "; ".join(part for part in parts if part),
        hint="the checkpoint is damaged, or of a variant that is not supported",
    )


def check_rows(weights: WeightSource, rows: Mapping[str, int]) -> None:
    """Raise RlxcError unless tables of embeddings, and heads, have as many rows as the config says."""
    for key, expected in rows.items():
        if (found := weights.shape(key)[0]) != expected:
            raise RlxcError(f"weight '{key}' in {weights} has {found} rows, but the config says {expected}")


def listed(what: str, names: set[str], others: set[str]) -> str:
    """The first few names, each with the nearest of `others`."""
    if not names:
        return ""
    first = sorted(names)[:MOST_LISTED]
    texts = [f"'{name}'{nearest(name, others)}" for name in first]
    more = f" and {len(names) - len(first)} more" if len(names) > len(first) else ""
    return f"{what} {', '.join(texts)}{more}"


def nearest(name: str, others: set[str]) -> str:
    """The most similar name of the same layer, in parentheses."""
    layer = re.search(r"\d+", name)
    number = layer[0] if layer else ""
    same = {other for other in others if re.findall(r"\d+", other)[:1] in ([], [number])}
    match = closest(name, same)
    return "" if match is None else f" (like '{match}')"
