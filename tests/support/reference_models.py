"""Tiny models with what transformers computes for them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlxc import Model, load_model

Array = NDArray[Any]

MODELS = Path(__file__).parents[1] / "data" / "models"


@dataclass(frozen=True)
class Reference:
    """Ids, the logits after each of them in float64, and how the text goes on."""

    ids: Array
    logits: Array
    greedy: list[int]
    tolerance: float


@cache
def reference(name: str) -> Reference:
    """What transformers computes for a model."""
    tolerance = json.loads((MODELS / name / "reference.json").read_text())["tolerance_f32"]
    with np.load(MODELS / name / "reference.npz") as found:
        return Reference(found["input_ids"], found["logits64"], found["greedy_ids"].reshape(-1).tolist(), tolerance)


@cache
def loaded(name: str, target: Any) -> Model:
    """A model, compiled once."""
    return load_model(MODELS / name, target)
