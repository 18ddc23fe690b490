"""Rope tables: from a formula and from arrays, default and named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rlxc
from rlxc import ModelFlow, RlxcError
from rlxc.stages import NamedRopeTables, RopeTables, SelfAttnPrefill, SelfAttnPrefillSpec

Array = NDArray[Any]

POSITIONS, N_ROT, THETA = 12, 16, 500.0
ANGLES = np.arange(POSITIONS)[:, None] * THETA ** (-np.arange(N_ROT // 2) / (N_ROT // 2))
COS, SIN = np.cos(ANGLES).astype(np.float32), np.sin(ANGLES).astype(np.float32)
X = np.random.default_rng(1).standard_normal((1, POSITIONS, 64)).astype(np.float32)


def flow(*stages: Any) -> ModelFlow:
    return ModelFlow("attn").input("x", ("B", "S", 64)).stages(stages)


def test_formula_and_arrays_agree(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    sources = {
        "formula": (RopeTables(theta=THETA, n_rot=N_ROT, max_positions=POSITIONS), spec),
        "arrays": (RopeTables.from_arrays(COS, SIN), spec),
        "named": (
            NamedRopeTables("global", theta=THETA, n_rot=N_ROT, max_positions=POSITIONS),
            spec.with_rope_table("global"),
        ),
        "named arrays": (NamedRopeTables("global", cos=COS, sin=SIN), spec.with_rope_table("global")),
    }
    built = {name: flow(stage, SelfAttnPrefill(s)).build(weights) for name, (stage, s) in sources.items()}
    results = [rlxc.compile(model, "reference")(X) for model in built.values()]
    for result in results[1:]:
        assert np.array_equal(result, results[0])
    assert not {"rope.cos", "global_cos"} & set(built["formula"].params)
    assert np.array_equal(built["arrays"].params["rope.cos"], COS)
    assert np.array_equal(built["named arrays"].params["global_sin"], SIN)


def test_layers_pick_their_tables(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    named = NamedRopeTables("slow", theta=5.0, n_rot=N_ROT, max_positions=POSITIONS)
    default = RopeTables(theta=THETA, n_rot=N_ROT, max_positions=POSITIONS)
    for wanted, only in ((None, default), ("slow", RopeTables(theta=5.0, n_rot=N_ROT, max_positions=POSITIONS))):
        both = flow(default, named, SelfAttnPrefill(spec.with_rope_table(wanted))).build(weights)
        alone = flow(only, SelfAttnPrefill(spec)).build(weights)
        assert np.array_equal(rlxc.compile(both, "reference")(X), rlxc.compile(alone, "reference")(X))


def test_later_tables_serve_later_layers(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    wide = RopeTables(theta=THETA, n_rot=N_ROT, max_positions=POSITIONS)
    narrow = RopeTables(theta=THETA, n_rot=8, max_positions=POSITIONS)
    layers = (wide, SelfAttnPrefill(spec), narrow, SelfAttnPrefill(spec.with_n_rot(8)))
    assert "tensor<12x4xf32>" in str(flow(*layers).build(weights))


def test_other_arrays_under_the_same_name(weights: dict[str, Array]) -> None:
    tables = RopeTables.from_arrays(COS, SIN)
    assert len(flow(tables, tables).build(weights).params) == 2
    with pytest.raises(RlxcError, match=r"RopeTables: there is another parameter 'rope\.sin' already") as caught:
        flow(tables, RopeTables.from_arrays(COS, COS)).build(weights)
    assert caught.value.hint == "use NamedRopeTables for a second pair of tables"


def test_sequence_beyond_the_tables(spec: SelfAttnPrefillSpec, weights: dict[str, Array]) -> None:
    built = flow(RopeTables.from_arrays(COS, SIN), SelfAttnPrefill(spec)).build(weights)
    for target in ("reference", "numpy"):
        with pytest.raises(RlxcError, match=r"attn: .*12"):
            rlxc.compile(built, target)(np.zeros((1, POSITIONS + 1, 64), np.float32))


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "give theta, n_rot and max_positions, or the tables cos and sin"),
    "no theta": ({"n_rot": 8, "max_positions": 4}, "give theta, n_rot and max_positions"),
    "formula and arrays": ({"theta": 1.0, "cos": COS, "sin": SIN}, "not both"),
    "one table": ({"cos": COS}, "give both cos and sin"),
    "odd n_rot": ({"theta": 1.0, "n_rot": 7, "max_positions": 4}, "n_rot must be even, got 7"),
    "no positions": ({"theta": 1.0, "n_rot": 8, "max_positions": 0}, "max_positions must be a positive integer, got 0"),
    "theta": ({"theta": -1.0, "n_rot": 8, "max_positions": 4}, "theta must be a positive number, got -1.0"),
    "theta as text": ({"theta": "1e4", "n_rot": 8, "max_positions": 4}, "theta must be a positive number, got '1e4'"),
    "a list": ({"cos": [[1.0]], "sin": SIN}, "cos must be a ndarray"),
    "whole numbers": ({"cos": COS.astype(int), "sin": SIN}, "cos must hold floating-point numbers, got int64"),
    "rank": ({"cos": COS[None], "sin": SIN}, r"cos has shape \[1, 12, 8\], expected \[positions, n_rot / 2\]"),
    "empty": ({"cos": COS[:0], "sin": SIN}, r"cos has shape \[0, 8\]"),
    "different shapes": ({"cos": COS, "sin": SIN[:5]}, r"cos has shape \[12, 8\], but sin \[5, 8\]"),
    "NaN": ({"cos": COS, "sin": SIN * np.float32("nan")}, "sin holds NaN or infinity"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong(case: str) -> None:
    fields, problem = WRONG[case]
    with pytest.raises(RlxcError, match=f"RopeTables: .*{problem}"):
        RopeTables(**fields)
    with pytest.raises(RlxcError, match=rf"NamedRopeTables\(global\): .*{problem}"):
        NamedRopeTables("global", **fields)


def test_name() -> None:
    with pytest.raises(RlxcError, match="NamedRopeTables: name must be"):
        NamedRopeTables("", theta=1.0, n_rot=8, max_positions=4)
