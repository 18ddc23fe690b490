"""Each operation of the dialect, lowered and printed, against its reference."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from printed_numpy import ERROR, error, printed_rlx

Array = NDArray[Any]

TYPES = {
    "x": 'tensor<?x?x48xf32> {rlx.dims = ["B", "S"]}',
    "r": 'tensor<?x?x48xf32> {rlx.dims = ["B", "S"]}',
    "w": "tensor<48x48xf32>",
    "v": "tensor<48xf32>",
    "u": "tensor<48xf32>",
    "g": "tensor<12xf32>",
    "cos": "tensor<40x4xf32>",
    "sin": "tensor<40x4xf32>",
    "ids": 'tensor<?x?xi64> {rlx.dims = ["B", "S"]}',
    "cache": 'tensor<?x?x48xf32> {rlx.dims = ["B", "C"]}',
    "pad": 'tensor<?x?xi1> {rlx.dims = ["B", "S"]}',
    "bias": 'tensor<?x4x?x?xf32> {rlx.dims = ["B", "S", "S"]}',
    "one_bias": 'tensor<?x1x?x?xf32> {rlx.dims = ["B", "S", "S"]}',
    "k": 'tensor<?x?x24xf32> {rlx.dims = ["B", "S"]}',
    "l": 'tensor<?x?x4xf32> {rlx.dims = ["B", "S"]}',
    "s": "tensor<4xf32>",
    "up": "tensor<48x40xf32>",
    "down": "tensor<5x192xf32>",
    "n": "index",
    "p": "index",
}
"""The inputs that a case may name, with their types."""

X = "tensor<?x?x48xf32>"
K = "tensor<?x?x24xf32>"
L = "tensor<?x?x4xf32>"
MATMUL = f": {X}, tensor<48x48xf32>"
HEADS = "{num_heads = 4, num_kv_heads = 2, head_dim = 12"


@dataclass(frozen=True)
class Case:
    """Operations that make `%y`."""

    inputs: str
    text: str
    result: str = X

    @property
    def names(self) -> list[str]:
        return self.inputs.split()

    @property
    def program(self) -> str:
        arguments = ", ".join(f"%{name}: {TYPES[name]}" for name in self.names)
        return f"func.func @f({arguments}) -> {self.result} {{\n{self.text}\nfunc.return %y : {self.result}\n}}"

    def arrays(self, batch: int, seq: int) -> list[Array | int]:
        random = np.random.default_rng(batch * 100 + seq)
        sizes = {"B": batch, "S": seq, "C": seq + 3}
        return [_value(random, TYPES[name], sizes, name) for name in self.names]


def _value(random: np.random.Generator, kind: str, sizes: dict[str, int], name: str) -> Array | int:
    if kind == "index":
        return {"n": max(sizes["S"] - 1, 0), "p": 3}[name]
    shape, dims = kind.split("> ")[0][len("tensor<") :].rstrip(">").split("x"), iter(kind.split('"')[1::2])
    axes = [sizes[next(dims)] if size == "?" else int(size) for size in shape[:-1]]
    match shape[-1]:
        case "i1":
            return random.random(axes) < 0.6
        case "i64":
            return random.integers(0, 48, axes)
        case _:
            return random.standard_normal(axes).astype(np.float32)


def attention(options: str, attributes: str = "", inputs: str = "") -> Case:
    return Case(f"x k {inputs}", f"%y = rlx.attention %x, %k, %k {options} {HEADS}{attributes}}} : {X}, {K}")


CASES = {
    "matmul": Case("x w", f"%y = rlx.matmul %x, %w {MATMUL}"),
    **{
        f"matmul with all of {activation}": Case(
            "x w v r", f"%y = rlx.matmul %x, %w bias(%v) activation({activation}) residual(%r) {MATMUL}"
        )
        for activation in ("silu", "gelu", "gelu_tanh", "relu")
    },
    "matmul and residual": Case("x w r", f"%y = rlx.matmul %x, %w residual(%r) {MATMUL}"),
    "glu_matmul": Case("x w", f"%y = rlx.glu_matmul %x, %w activation(silu) : {X}, tensor<48x48xf32> -> {K}", K),
    "split": Case("x", f"%a, %y = rlx.split %x sizes [24, 24] : {X} -> {K}, {K}", K),
    "rms_norm": Case("x v", f"%y = rlx.rms_norm %x gamma(%v) {{eps = 1.0e-5 : f64}} : {X}"),
    "rms_norm of heads": Case(
        "x g", f"%y = rlx.rms_norm %x gamma(%g) {{eps = 1.0e-5 : f64, offset = 1.0 : f64, head_dim = 12}} : {X}"
    ),
    "rms_norm without weight": Case("x", f"%y = rlx.rms_norm %x {{eps = 1.0e-5 : f64}} : {X}"),
    "layer_norm": Case("x v u", f"%y = rlx.layer_norm %x, %v, %u {{eps = 1.0e-5 : f64}} : {X}"),
    "layer_norm without beta": Case("x v", f"%y = rlx.layer_norm %x, %v {{eps = 1.0e-5 : f64}} : {X}"),
    "add_rms_norm": Case(
        "x r v", f"%s, %n2 = rlx.add_rms_norm %x, %r, %v {{eps = 1.0e-5 : f64}} : {X}\n%y = arith.mulf %s, %n2 : {X}"
    ),
    "glu": Case("x r", f"%y = rlx.glu %x, %r activation(gelu) : {X}"),
    "softcap": Case("x", f"%y = rlx.softcap %x {{cap = 3.0 : f64}} : {X}"),
    "embed": Case("w ids", "%y = rlx.embed %w, %ids {scale = 8.0 : f64} : tensor<48x48xf32>, tensor<?x?xi64>"),
    "kv_append": Case("cache x p", f"%y = rlx.kv_append %cache, %x position(%p) : {X}, {X}"),
    "repeat_kv": Case("k", f"%y = rlx.repeat_kv %k {{head_dim = 12, group = 2}} : {K} -> {X}"),
    "rope": Case("x cos sin p", f"%y = rlx.rope %x, %cos, %sin position(%p) {{head_dim = 12, n_rot = 8}} : {X}"),
    "rope of whole heads": Case("x cos sin", f"%y = rlx.rope %x, %cos, %sin {{head_dim = 8, n_rot = 8}} : {X}"),
    "rope of neighbours": Case(
        "x cos sin", f"%y = rlx.rope %x, %cos, %sin style(interleaved) {{head_dim = 12, n_rot = 8}} : {X}"
    ),
    "attention": attention(""),
    "attention, causal": attention("mask(causal)"),
    "attention, sliding": attention("mask(sliding<5>)", ", softcap = 2.0 : f64"),
    "attention, padding": attention("padding(%pad)", inputs="pad"),
    "attention, bias": attention("bias(%bias)", ", scale = 1.0 : f64", "bias"),
    "attention, one bias": attention("mask(causal) bias(%one_bias)", inputs="one_bias"),
    "attention, everything": attention(
        "rope(%cos, %sin) style(interleaved) k_gain(%g) mask(sliding<4>) padding(%pad) bias(%bias) kv_length(%n)"
        " query_offset(%p)",
        ", n_rot = 8, scale = 0.3 : f64, softcap = 1.5 : f64",
        "cos sin g pad bias n p",
    ),
    "route": Case("l", f"%y = rlx.route %l {{top_k = 2}} : {L}", L),
    "route, renormalized and scaled": Case(
        "l s", f"%y = rlx.route %l renormalize expert_scale(%s) {{top_k = 3}} : {L}", L
    ),
    **{
        f"moe with {activation}": Case(
            "x l up down",
            f"%g = rlx.route %l {{top_k = 1}} : {L}\n%y = rlx.moe %x, %g, %up, %down activation({activation})"
            f" : {X}, {L}, tensor<48x40xf32>, tensor<5x192xf32>",
        )
        for activation in ("silu", "gelu", "gelu_tanh", "relu")
    },
    "upstream": Case("x r", f"%s = arith.addf %x, %r : {X}\n%y = arith.mulf %s, %x : {X}"),
}


@pytest.fixture(params=CASES, scope="module")
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


def test_computes_what_the_reference_does(case: Case):
    @settings(deadline=None, max_examples=8)
    @given(st.integers(1, 3), st.integers(1, 17), st.sampled_from([1, 400, 1 << 22]))
    def check(batch: int, seq: int, scores_limit: int):
        assert error(case.program, case.arrays(batch, seq), scores_limit=scores_limit) <= ERROR["f32"]

    check()


def test_no_warning_is_given(case: Case, recwarn: pytest.WarningsRecorder):
    arrays = [
        array * 300 if isinstance(array, np.ndarray) and array.dtype == np.float32 else array
        for array in case.arrays(1, 6)
    ]
    printed_rlx(case.program)(*arrays)
    assert not [warning for warning in recwarn if issubclass(warning.category, RuntimeWarning)]


def test_all_texts_are_formatted(tmp_path: Path):
    for number, case in enumerate(CASES.values()):
        (tmp_path / f"case{number}.py").write_text(printed_rlx(case.program).source)
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length=100", "--diff", str(tmp_path)]
    formatted = subprocess.run(command, capture_output=True, text=True, check=False)
    assert formatted.stdout == ""
    assert formatted.returncode == 0, formatted.stderr
