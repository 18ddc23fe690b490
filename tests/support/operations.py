"""Each operation of `rlx`, and how it is called: for tests of what it computes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray

VOCABULARY = 11


@dataclass(frozen=True)
class Operation:
    """A function body in which `$x` stands for the type of `%x`.

    Arguments are written `x[B,S,48] ids[B,S]:i64 position:index`; the result is `%y`, several are `%y0`, `%y1`.
    """

    arguments: str
    body: str
    result: str = "B,S,48"
    position: int = 3

    def text(self, sizes: Mapping[str, int]) -> str:
        """The function; sizes that are not given are dynamic."""
        types = {name: self._type(shape, element, sizes) for name, shape, element in self.parsed()}
        arguments = ", ".join(f"%{name}: {kind}" for name, kind in types.items())
        results = [self._type(shape, "", sizes) for shape in self.result.split()]
        names = ["y"] if len(results) == 1 else [f"y{number}" for number in range(len(results))]
        body = Template(self.body).substitute(types, **dict(zip(names, results, strict=True)))
        returned = f"{', '.join(f'%{name}' for name in names)} : {', '.join(results)}"
        return f"func.func @main({arguments}) -> ({', '.join(results)}) {{\n  {body}\n  func.return {returned}\n}}"

    def values(self, sizes: Mapping[str, int]) -> list[NDArray[Any] | int]:
        """Random arguments of the given sizes."""
        random = np.random.default_rng(0)
        values: list[NDArray[Any] | int] = []
        for _, shape, element in self.parsed():
            extents = [sizes[axis] if axis in sizes else int(axis) for axis in shape.split(",") if axis]
            if element == "index":
                values.append(self.position)
            elif element:
                values.append(random.integers(0, VOCABULARY, extents, element.replace("i", "int")))
            else:
                values.append(random.standard_normal(extents))
        return values

    def parsed(self) -> list[tuple[str, str, str]]:
        """Name, shape and element type (nothing: the one under test) of each argument."""
        return re.findall(r"(\w+)(?:\[([\w,]*)\])?(?::(\w+))?", self.arguments)

    def _type(self, shape: str, element: str, sizes: Mapping[str, int]) -> str:
        if element == "index":
            return element
        extents = [str(sizes.get(axis, "?")) if axis.isalpha() else axis for axis in shape.split(",")]
        return f"tensor<{'x'.join([*extents, element or '{E}'])}>"


OPERATIONS = {
    "matmul": Operation("x[B,S,48] w[48,20]", "%y = rlx.matmul %x, %w : $x, $w", "B,S,20"),
    "matmul_bias": Operation("x[B,S,48] w[48,20] b[20]", "%y = rlx.matmul %x, %w bias(%b) : $x, $w", "B,S,20"),
    "matmul_silu": Operation("x[B,S,48] w[48,20]", "%y = rlx.matmul %x, %w activation(silu) : $x, $w", "B,S,20"),
    "matmul_residual": Operation(
        "x[B,S,48] w[48,20] r[B,S,20]", "%y = rlx.matmul %x, %w residual(%r) : $x, $w", "B,S,20"
    ),
    "matmul_all": Operation(
        "x[B,S,48] w[48,20] b[20] r[B,S,20]",
        "%y = rlx.matmul %x, %w bias(%b) activation(gelu) residual(%r) : $x, $w",
        "B,S,20",
    ),
    "glu_matmul": Operation(
        "x[B,S,48] w[48,40]", "%y = rlx.glu_matmul %x, %w activation(silu) : $x, $w -> $y", "B,S,20"
    ),
    "split": Operation(
        "x[B,S,48]",
        "%y0, %y1, %y2 = rlx.split %x sizes [16, 8, 24] : $x -> $y0, $y1, $y2",
        "B,S,16 B,S,8 B,S,24",
    ),
    "rope": Operation("x[B,S,48] cos[12,8] sin[12,8]", "%y = rlx.rope %x, %cos, %sin {head_dim = 16, n_rot = 16} : $x"),
    "rope_part": Operation(
        "x[B,S,48] cos[12,3] sin[12,3]", "%y = rlx.rope %x, %cos, %sin {head_dim = 16, n_rot = 6} : $x"
    ),
    "rope_pairs": Operation(
        "x[B,S,48] cos[12,12] sin[12,12]",
        "%y = rlx.rope %x, %cos, %sin style(interleaved) {head_dim = 24, n_rot = 24} : $x",
    ),
    "rope_pairs_part": Operation(
        "x[B,S,48] cos[12,5] sin[12,5]",
        "%y = rlx.rope %x, %cos, %sin style(interleaved) {head_dim = 24, n_rot = 10} : $x",
    ),
    "rope_position": Operation(
        "x[B,S,48] cos[12,8] sin[12,8] position:index",
        "%y = rlx.rope %x, %cos, %sin position(%position) {head_dim = 16, n_rot = 16} : $x",
    ),
    "repeat_kv": Operation("x[B,S,16]", "%y = rlx.repeat_kv %x {head_dim = 8, group = 3} : $x -> $y", "B,S,48"),
    "rms_norm": Operation("x[B,S,48]", "%y = rlx.rms_norm %x {eps = 1.0e-2 : f64} : $x"),
    "rms_norm_gamma": Operation("x[B,S,48] g[48]", "%y = rlx.rms_norm %x gamma(%g) {eps = 1.0e-2 : f64} : $x"),
    "rms_norm_offset": Operation(
        "x[B,S,48] g[48]", "%y = rlx.rms_norm %x gamma(%g) {eps = 1.0e-5 : f64, offset = 1.0 : f64} : $x"
    ),
    "rms_norm_heads": Operation(
        "x[B,S,48] g[12]",
        "%y = rlx.rms_norm %x gamma(%g) {eps = 1.0e-5 : f64, offset = 0.5 : f64, head_dim = 12} : $x",
    ),
    "rms_norm_heads_bare": Operation("x[B,S,48]", "%y = rlx.rms_norm %x {eps = 1.0e-5 : f64, head_dim = 12} : $x"),
    "layer_norm": Operation("x[B,S,48] g[48]", "%y = rlx.layer_norm %x, %g {eps = 1.0e-2 : f64} : $x"),
    "layer_norm_beta": Operation("x[B,S,48] g[48] b[48]", "%y = rlx.layer_norm %x, %g, %b {eps = 1.0e-5 : f64} : $x"),
    "add_rms_norm": Operation(
        "x[B,S,48] r[B,S,48] g[48]",
        "%y0, %y1 = rlx.add_rms_norm %x, %r, %g {eps = 1.0e-2 : f64, offset = 1.0 : f64} : $x",
        "B,S,48 B,S,48",
    ),
    **{
        f"glu_{activation}": Operation(
            "gate[B,S,48] up[B,S,48]", f"%y = rlx.glu %gate, %up activation({activation}) : $gate"
        )
        for activation in ("silu", "gelu", "gelu_tanh", "relu")
    },
    "softcap": Operation("x[B,S,48]", "%y = rlx.softcap %x {cap = 0.75 : f64} : $x"),
    "softcap_one": Operation("x[B,S,48]", "%y = rlx.softcap %x {cap = 1.0 : f64} : $x"),
    "embed": Operation(f"table[{VOCABULARY},48] ids[B,S]:i64", "%y = rlx.embed %table, %ids : $table, $ids"),
    "embed_scaled": Operation(
        f"table[{VOCABULARY},48] ids[B,S]:i32", "%y = rlx.embed %table, %ids {scale = 3.0 : f64} : $table, $ids"
    ),
    "embed_any_vocabulary": Operation("table[V,48] ids[B,S]:i64", "%y = rlx.embed %table, %ids : $table, $ids"),
    "position_embed": Operation("x[B,S,48] t[16,48]", "%y = rlx.position_embed %x, %t : $x, $t"),
    "position_embed_later": Operation(
        "x[B,S,48] t[V,48] position:index", "%y = rlx.position_embed %x, %t position(%position) : $x, $t"
    ),
    "kv_append": Operation(
        "cache[B,10,48] new[B,S,48] position:index",
        "%y = rlx.kv_append %cache, %new position(%position) : $cache, $new",
        "B,10,48",
    ),
    "route": Operation("x[B,S,7]", "%y = rlx.route %x {top_k = 3} : $x", "B,S,7"),
    "route_renormalized": Operation("x[B,S,7]", "%y = rlx.route %x renormalize {top_k = 2} : $x", "B,S,7"),
    "route_scaled": Operation(
        "x[B,S,7] s[7]", "%y = rlx.route %x renormalize expert_scale(%s) {top_k = 2} : $x", "B,S,7"
    ),
    **{
        f"moe_{activation}": Operation(
            "x[B,S,48] g[B,S,3] w[48,60] d[10,144]",
            f"%y = rlx.moe %x, %g, %w, %d activation({activation}) : $x, $g, $w, $d",
        )
        for activation in ("silu", "gelu_tanh")
    },
    "routed_moe": Operation(
        "x[B,S,48] l[B,S,5] w[48,40] d[4,240]",
        "%g = rlx.route %l {top_k = 2} : $l\n  %y = rlx.moe %x, %g, %w, %d activation(gelu) : $x, $l, $w, $d",
    ),
    "add": Operation("x[B,S,48] r[B,S,48]", "%y = arith.addf %x, %r : $x"),
    "arith_chain": Operation("x[B,S,48] r[B,S,48]", "%a = arith.subf %x, %r : $x\n  %y = arith.mulf %a, %a : $x"),
    "arith_constant": Operation(
        "x[2,5,48]", "%half = arith.constant dense<0.5> : $x\n  %y = arith.mulf %x, %half : $x", "2,5,48"
    ),
    "only_constants": Operation(
        "x[2,5,48]", "%half = arith.constant dense<0.5> : $x\n  %y = arith.addf %half, %half : $x", "2,5,48"
    ),
}
