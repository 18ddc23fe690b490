"""Whether backends compute the same: the logits after a prompt, and the most likely ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.generation.contender import Contender
from bench.peers.errors import MOST
from bench.peers.process import PeerError

TOP = 64
"""How many of the largest logits are compared."""


def check(contenders: Sequence[Contender], count: int) -> None:
    """Compare all with the first that is no rlxc, or with the first; what differs is stopped.

    The logits may differ by `MOST` of the largest, and ids only where the logits of both are as near as that.
    """
    running = [one for one in contenders if one.process is not None]
    reference = next((one for one in running if one.name != "rlxc"), running[0] if running else None)
    if reference is None:
        return
    logits, ids = reference.read(reference.prompt, count)
    for one in running:
        try:
            found, found_ids = one.read(one.prompt, count)
            one.report |= {"reference": reference.name, "logits_error": logits_error(found, logits)}
            reason = difference(reference, one, ids, found_ids)
        except PeerError as error:
            one.stop("failed", str(error))
            continue
        if not one.report["logits_error"] <= MOST:
            reason = f"its logits are off by {one.report['logits_error']:.1e} of the largest"
        if reason:
            one.stop("wrong", f"{reason}, compared with {reference.name}")


def logits_error(found: NDArray[Any], expected: NDArray[Any]) -> float:
    """The largest error of the largest logits, relative to the largest of all."""
    top = np.argsort(expected)[-TOP:]
    return float(np.max(np.abs(found[top] - expected[top])) / np.max(np.abs(expected)))


def difference(reference: Contender, one: Contender, ids: Sequence[int], found: Sequence[int]) -> str:
    """Where two continuations differ though the margin is clear; empty if they do not."""
    place = next((place for place, pair in enumerate(zip(ids, found, strict=True)) if pair[0] != pair[1]), None)
    one.report["equal_ids"] = len(ids) if place is None else place
    if place is None:
        return ""
    logits, _ = reference.read([*reference.prompt, *ids[:place]], 1)
    margin = float(logits[ids[place]] - logits[found[place]])
    if margin <= 2 * MOST * float(np.max(np.abs(logits))):
        return ""
    return f"its id {place} after the prompt is {found[place]} instead of {ids[place]}, by a margin of {margin:.2g}"
