"""Naive attention layers of every kind, fused and taken apart again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp

from rlxc.dialects.rlx import AttentionOp, MatmulOp, RepeatKvOp, RmsNormOp, RopeOp
from rlxc.dialects.rlx.base import int_of

Parse = Callable[[str], ModuleOp]
After = Callable[[ModuleOp, str], ModuleOp]
Error = Callable[[ModuleOp, ModuleOp, str, Mapping[str, int]], float]


@dataclass(frozen=True)
class Layer:
    """An attention layer as stages emit it: projections, norms, rotations, copies of heads, attention."""

    kv_heads: int
    group: int
    head_dim: int
    n_rot: int
    style: str
    mask: str
    k_eq_v: bool
    qk_norm: bool
    v_norm: bool
    bias: bool
    transposed: bool

    @property
    def text(self) -> str:
        heads = self.kv_heads * self.group
        last = self.features(heads)
        table = f"tensor<16x{self.n_rot // 2}xf32>"
        attention = f"{{num_heads = {heads}, num_kv_heads = {heads}, head_dim = {self.head_dim}}}"
        lines = [
            f'func.func @layer(%x: {rows(24)} {{rlx.dims = ["B", "S"]}}) -> {last} {{',
            f"%cos = rlx.rope_table cos {{theta = 100.0 : f64}} : {table}",
            f"%sin = rlx.rope_table sin {{theta = 100.0 : f64}} : {table}",
            *self.side("q", "q", heads, "gamma" if self.qk_norm else None),
            *self.side("k", "k", self.kv_heads, "gamma" if self.qk_norm else None),
            *self.side("v", "k" if self.k_eq_v else "v", self.kv_heads, "" if self.v_norm else None),
            f"%o = rlx.attention %q, %k, %v mask({self.mask}) {attention} : {last}, {last}",
            f"func.return %o : {last}",
            "}",
        ]
        return "\n".join(lines)

    def features(self, heads: int) -> str:
        return rows(heads * self.head_dim)

    def side(self, name: str, key: str, heads: int, norm: str | None) -> Iterator[str]:
        """Q, K or V from `x`; `norm` is the name of its weight, empty without one, None without a norm."""
        width, last = heads * self.head_dim, self.features(heads)
        yield f'%{name}w = rlx.param "{key}.weight"{" transposed" if self.transposed else ""} : tensor<24x{width}xf32>'
        if self.bias:
            yield f'%{name}b = rlx.param "{key}.bias" : tensor<{width}xf32>'
        bias = f" bias(%{name}b)" if self.bias else ""
        steps = [f"rlx.matmul %x, %{name}w{bias} : {rows(24)}, tensor<24x{width}xf32>"]
        if norm:
            yield f'%{name}g = rlx.param "{name}.{norm}" : tensor<{self.head_dim}xf32>'
        if norm is not None:
            gamma = f" gamma(%{name}g)" if norm else ""
            steps.append(f"rlx.rms_norm %{{}}{gamma} {{{{eps = 1.0e-6 : f64, head_dim = {self.head_dim}}}}} : {last}")
        if name != "v":
            attributes = f"{{{{head_dim = {self.head_dim}, n_rot = {self.n_rot}}}}}"
            steps.append(f"rlx.rope %{{}}, %cos, %sin style({self.style}) {attributes} : {last}")
        if name != "q" and self.group > 1:
            attributes = f"{{{{head_dim = {self.head_dim}, group = {self.group}}}}}"
            steps.append(f"rlx.repeat_kv %{{}} {attributes} : {last} -> {self.features(heads * self.group)}")
        yield from chained(name, steps)


def rows(features: int) -> str:
    return f"tensor<?x?x{features}xf32>"


def chained(name: str, steps: list[str]) -> Iterator[str]:
    """Each step takes the result of the one before; the last result is called `name`."""
    values = [*(f"{name}{number}" for number in range(1, len(steps))), name]
    for step, value, before in zip(steps, values, ["", *values], strict=False):
        yield f"%{value} = {step.format(before)}"


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    head_dim = draw(st.sampled_from((4, 8, 12)))
    return Layer(
        kv_heads=draw(st.integers(1, 3)),
        group=draw(st.integers(1, 3)),
        head_dim=head_dim,
        n_rot=2 * draw(st.integers(1, head_dim // 2)),
        style=draw(st.sampled_from(("half", "interleaved"))),
        mask=draw(st.sampled_from(("none", "causal", "sliding<2>"))),
        k_eq_v=draw(st.booleans()),
        qk_norm=draw(st.booleans()),
        v_norm=draw(st.booleans()),
        bias=draw(st.booleans()),
        transposed=draw(st.booleans()),
    )


SIZES = st.fixed_dictionaries({"B": st.integers(1, 2), "S": st.integers(1, 6)})
EXAMPLES = settings(max_examples=40, deadline=None)


@EXAMPLES
@given(layer=layers(), sizes=SIZES)
def test_numbers_stay(parse: Parse, after: After, error: Error, layer: Layer, sizes: Mapping[str, int]) -> None:
    naive = parse(layer.text)
    fused = after(naive, "fuse")
    assert error(naive, fused, "layer", sizes) < 1e-12
    assert error(naive, after(fused, "rlx-unfuse"), "layer", sizes) < 1e-12


@EXAMPLES
@given(layer=layers())
def test_everything_is_fused(parse: Parse, after: After, layer: Layer) -> None:
    ops = Counter(type(op) for op in after(parse(layer.text), "fuse").walk())
    shared_norm = layer.k_eq_v and layer.qk_norm and layer.v_norm
    assert (ops[MatmulOp], ops[AttentionOp], ops[RopeOp], ops[RepeatKvOp]) == (1, 1, 0, 0)
    assert ops[RmsNormOp] == 2 * layer.qk_norm + layer.v_norm - shared_norm


@EXAMPLES
@given(layer=layers())
def test_attention_reads_one_value_where_keys_are_values(parse: Parse, after: After, layer: Layer) -> None:
    fused = after(parse(layer.text), "fuse")
    attention = next(op for op in fused.walk() if isinstance(op, AttentionOp))
    alike = layer.k_eq_v and layer.qk_norm == layer.v_norm
    assert (attention.k is attention.v) == alike
    assert (attention.k_gain is not None) == (alike and layer.qk_norm)
    assert int_of(attention.num_kv_heads) == layer.kv_heads


@EXAMPLES
@given(layer=layers())
def test_unfuse_is_the_inverse(parse: Parse, after: After, layer: Layer) -> None:
    fused = after(parse(layer.text), "fuse")
    unfused = after(fused, "rlx-unfuse")
    shared = after(parse(layer.text), "cse,canonicalize")
    assert operations(unfused) == operations(shared)
    assert operations(after(unfused, "fuse")) == operations(fused)


def operations(module: ModuleOp) -> Counter[str]:
    """The operations of a module with their attributes, in any order."""
    return Counter(
        f"{op.name} {sorted((key, str(value)) for key, value in op.properties.items())}" for op in module.walk()
    )
