"""Attention at the linalg level computes what the reference says: every operand and attribute, odd shapes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

POSITIONS = 12
SCORES_LIMIT = 60
"""Small enough for several blocks of queries, the last one smaller than the others."""


@dataclass(frozen=True)
class Spec:
    """An attention, and the (batch, queries, keys) that it is called with."""

    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 16
    mask: str = "none"
    scale: float | None = None
    softcap: float | None = None
    n_rot: int | None = None
    style: str = "half"
    padding: float | None = None
    """The share of visible keys."""
    bias_heads: int | None = None
    k_gain: bool = False
    kv_length: int | None = None
    query_offset: int | None = None
    shared_kv: bool = False
    static: bool = False
    shapes: tuple[tuple[int, int, int], ...] = ((2, 5, 5), (1, 3, 7), (1, 1, 4))

    def text(self) -> str:
        """The function, with only the operands that the attention has as arguments."""
        operands = ", ".join(f"%{name}: {kind}" for name, kind in self.types().items())
        v = "%k" if self.shared_kv else "%v"
        q_type, k_type = self.types()["q"], self.types()["k"]
        return (
            f"func.func @main({operands}) -> {q_type} {{\n"
            f"  %o = rlx.attention %q, %k, {v} {self.clauses()} {{{self.attributes()}}} : {q_type}, {k_type}\n"
            f"  func.return %o : {q_type}\n}}"
        )

    def clauses(self) -> str:
        given = {
            f"rope(%cos, %sin) style({self.style})": self.n_rot,
            "k_gain(%k_gain)": self.k_gain,
            f"mask({self.mask})": True,
            "padding(%padding)": self.padding,
            "bias(%bias)": self.bias_heads,
            "kv_length(%kv_length)": self.kv_length is not None,
            "query_offset(%query_offset)": self.query_offset is not None,
        }
        return " ".join(clause for clause, present in given.items() if present)

    def attributes(self) -> str:
        integers = {
            "num_heads": self.heads,
            "num_kv_heads": self.kv_heads,
            "head_dim": self.head_dim,
            "n_rot": self.n_rot,
        }
        reals = {"scale": self.scale, "softcap": self.softcap}
        texts = [f"{name} = {value}" for name, value in integers.items() if value is not None]
        return ", ".join(texts + [f"{name} = {value} : f64" for name, value in reals.items() if value is not None])

    def types(self) -> dict[str, str]:
        """The type of each argument, by name."""
        batch, queries, keys = self.shapes[0] if self.static else "???"
        kv = f"tensor<{batch}x{keys}x{self.kv_heads * self.head_dim}x{{E}}>"
        table = f"tensor<{POSITIONS}x{(self.n_rot or 0) // 2}x{{E}}>"
        candidates = {
            "q": (f"tensor<{batch}x{queries}x{self.heads * self.head_dim}x{{E}}>", True),
            "k": (kv, True),
            "v": (kv, not self.shared_kv),
            "cos": (table, self.n_rot),
            "sin": (table, self.n_rot),
            "k_gain": (f"tensor<{self.head_dim}x{{E}}>", self.k_gain),
            "padding": (f"tensor<{batch}x{keys}xi1>", self.padding is not None),
            "bias": (f"tensor<{batch}x{self.bias_heads}x{queries}x{keys}x{{E}}>", self.bias_heads),
            "kv_length": ("index", self.kv_length is not None),
            "query_offset": ("index", self.query_offset is not None),
        }
        return {name: kind for name, (kind, present) in candidates.items() if present}

    def arguments(self, batch: int, queries: int, keys: int) -> list[NDArray[Any] | int]:
        random = np.random.default_rng(0)
        shapes = {
            "q": (batch, queries, self.heads * self.head_dim),
            "k": (batch, keys, self.kv_heads * self.head_dim),
            "v": (batch, keys, self.kv_heads * self.head_dim),
            "cos": (POSITIONS, (self.n_rot or 0) // 2),
            "sin": (POSITIONS, (self.n_rot or 0) // 2),
            "k_gain": (self.head_dim,),
            "bias": (batch, self.bias_heads or 0, queries, keys),
        }
        values: dict[str, NDArray[Any] | int] = {name: random.standard_normal(shape) for name, shape in shapes.items()}
        values["padding"] = random.random((batch, keys)) < (self.padding or 0)
        values["kv_length"] = min(self.kv_length or 0, keys)
        values["query_offset"] = self.query_offset or 0
        return [values[name] for name in self.types()]


NAMED = {
    "plain": Spec(),
    "one_group": Spec(kv_heads=4),
    "one_kv_head": Spec(kv_heads=1),
    "one_head": Spec(heads=1, kv_heads=1, bias_heads=1),
    "odd_head_dim": Spec(head_dim=24, n_rot=24, mask="causal"),
    "causal": Spec(mask="causal", shapes=((2, 5, 5), (1, 3, 7), (1, 1, 4), (2, 9, 9))),
    "more_queries_than_keys": Spec(mask="causal", shapes=((1, 6, 2), (2, 5, 1))),
    "more_queries_than_keys_sliding": Spec(mask="sliding<2>", shapes=((1, 6, 2), (2, 5, 1))),
    "sliding_one_key": Spec(mask="sliding<1>", shapes=((2, 5, 5), (1, 2, 6))),
    "sliding_edges": Spec(mask="sliding<3>", shapes=((1, 2, 2), (1, 3, 3), (1, 4, 4), (2, 9, 9), (1, 4, 9))),
    "wide_window": Spec(mask="sliding<100>", shapes=((2, 5, 5), (1, 3, 7))),
    "softcap_one": Spec(softcap=1.0, mask="causal"),
    "scale_one": Spec(scale=1.0),
    "scale_and_softcap": Spec(scale=0.7, softcap=3.0, mask="sliding<3>"),
    "padding": Spec(padding=0.6),
    "padding_all": Spec(padding=0.0, mask="causal"),
    "padding_sliding": Spec(padding=0.5, mask="sliding<2>"),
    "bias": Spec(bias_heads=4),
    "bias_one_head": Spec(bias_heads=1, mask="causal", padding=0.7),
    "bias_and_softcap": Spec(bias_heads=4, softcap=2.0, scale=0.3),
    "k_gain": Spec(k_gain=True, shared_kv=True),
    "shared_kv_with_rope": Spec(kv_heads=1, n_rot=16, k_gain=True, shared_kv=True, mask="causal"),
    "rope_part": Spec(n_rot=4),
    "rope_interleaved": Spec(n_rot=16, style="interleaved", mask="causal"),
    "rope_interleaved_part": Spec(n_rot=6, style="interleaved"),
    "kv_length": Spec(kv_length=4, mask="causal"),
    "kv_length_zero": Spec(kv_length=0, shapes=((2, 3, 5),)),
    "kv_length_with_all": Spec(kv_length=3, padding=0.7, bias_heads=4, mask="sliding<2>"),
    "kv_length_with_rope": Spec(kv_length=6, n_rot=8, mask="causal", shapes=((2, 3, 7), (1, 6, 6))),
    "query_offset": Spec(query_offset=1, mask="causal", shapes=((2, 5, 5), (1, 3, 7))),
    "query_offset_beyond_keys": Spec(query_offset=9, mask="sliding<3>", shapes=((1, 2, 6), (1, 3, 9))),
    "query_offset_with_rope": Spec(query_offset=2, n_rot=16, mask="sliding<4>", shapes=((2, 5, 5), (1, 3, 9))),
    "decode": Spec(mask="causal", n_rot=16, kv_length=5, query_offset=4, shapes=((1, 1, 8), (2, 1, 6))),
    "static": Spec(mask="causal", n_rot=16, static=True, shapes=((2, 6, 9),)),
    "static_one_query": Spec(mask="sliding<3>", padding=0.8, static=True, shapes=((2, 1, 9),)),
    "static_one_query_decode": Spec(mask="causal", kv_length=4, n_rot=8, static=True, shapes=((1, 1, 9),)),
}


def random_spec(seed: int) -> Spec:
    """Any combination of fields that is valid."""
    random = np.random.default_rng(seed)

    def pick(*choices: Any) -> Any:
        return choices[random.integers(len(choices))]

    kv_heads, head_dim = pick(1, 2, 3), pick(8, 16, 24)
    heads, n_rot = kv_heads * pick(1, 2, 4), pick(None, head_dim, head_dim // 2)
    # A rotated query needs a position that is not negative.
    shapes = ((2, 3, 6), (1, 4, 4), (1, 1, 5)) if n_rot else ((2, 5, 3), (1, 4, 6), (1, 1, 1))
    return Spec(
        heads=heads,
        kv_heads=kv_heads,
        head_dim=head_dim,
        mask=pick("none", "causal", "sliding<2>", "sliding<4>"),
        scale=pick(None, 0.5),
        softcap=pick(None, 1.0, 5.0),
        n_rot=n_rot,
        style=pick("half", "interleaved"),
        padding=pick(None, 0.5),
        bias_heads=pick(None, 1, heads),
        k_gain=pick(False, True),
        kv_length=pick(None, 4),
        query_offset=pick(None, 2),
        shared_kv=pick(False, True),
        shapes=shapes,
    )


SPECS = NAMED | {f"random_{seed}": random_spec(seed) for seed in range(24)}
TOLERANCE = {"f32": 2e-6, "f64": 1e-12}


@pytest.fixture(scope="module", params=["f32", "f64"])
def outcomes(request: pytest.FixtureRequest, run_cases: Callable[..., Any]) -> tuple[float, Any]:
    """The tolerance of an element type, and what became of each case in it."""
    cases = {name: (spec.text(), [spec.arguments(*shape) for shape in spec.shapes]) for name, spec in SPECS.items()}
    return TOLERANCE[request.param], run_cases(cases, request.param, scores_limit=SCORES_LIMIT)


@pytest.mark.parametrize("name", SPECS)
def test_is_the_reference(name: str, outcomes: tuple[float, Any]) -> None:
    tolerance, by_name = outcomes
    assert by_name[name].error() <= tolerance
