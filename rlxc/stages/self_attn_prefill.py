"""Self-attention over a whole sequence or on a cache, as the naive line of operations."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.ir import SSAValue

from rlxc.diagnostics import RlxcError
from rlxc.dialects.rlx import MatmulOp, RmsNormOp, RopeOp, RopeStyle
from rlxc.dialects.rlx.base import shape_of
from rlxc.stages.attend import attend, attend_to_one
from rlxc.stages.checks import require_instance
from rlxc.stages.context import FlowContext
from rlxc.stages.kv_cache import CacheRows, append, cache_rows, side_input
from rlxc.stages.rope_slots import RopePair
from rlxc.stages.self_attn_spec import SelfAttnPrefillSpec
from rlxc.stages.stage import Stage


@dataclass(frozen=True)
class SelfAttnPrefill(Stage):
    """Three projections, norms if any, rope on Q and K if any, each K/V head repeated for its group, attention.

    With `k_eq_v`, V is the projection of K and has no weight. With a cache, K (rotated) and V are appended to it
    first, and queries attend to all that it holds. Without a key of K, it is the cache of an earlier layer, which has
    appended already: only Q is projected. The result is
    `[batch, seq, num_heads * head_dim]`; the output projection is a `Linear` of its own.

    If K and V have different keys but equal weights, both weights carry the digest of their content,
    from which `rlx-dedup-k-eq-v` knows that they are one.
    """

    spec: SelfAttnPrefillSpec

    def __post_init__(self) -> None:
        require_instance("SelfAttnPrefill", "spec", self.spec, SelfAttnPrefillSpec)

    @property
    def label(self) -> str:
        """`SelfAttnPrefill(model.layers.0)`."""
        return f"SelfAttnPrefill({self.spec.q_key.removesuffix('.weight').removesuffix('.self_attn.q_proj')})"

    def emit(self, ctx: FlowContext, x: SSAValue) -> SSAValue:
        """See `Stage`."""
        spec = self.spec
        tables = find_tables(ctx, spec)
        rows = None if spec.cache is None else cache_rows(ctx, x, spec.cache)
        if rows is not None and spec.k_key is None:
            return attend_to_borrowed(ctx, x, tables, spec, rows)
        q, k, v = project(ctx, x, spec)
        q = head_norm(ctx, q, "q", spec)
        v = weightless_norm(ctx, v, spec)
        if rows is not None and rows.cache.v is None:
            return attend_to_one(ctx, q, append(ctx, rows.cache.k, v, rows), tables, spec, rows)
        k = head_norm(ctx, k, "k", spec)
        q, k = (rotate(ctx, value, name, tables, spec, rows) for value, name in ((q, "q"), (k, "k")))
        if rows is not None and rows.cache.v is not None:
            k, v = append(ctx, rows.cache.k, k, rows), append(ctx, rows.cache.v, v, rows)
        return attend(ctx, q, k, v, spec, rows)


def attend_to_borrowed(
    ctx: FlowContext, x: SSAValue, tables: RopePair | None, spec: SelfAttnPrefillSpec, rows: CacheRows
) -> SSAValue:
    """Attention to what an earlier layer has cached."""
    q = head_norm(ctx, projection(ctx, x, "q", spec.q_key, spec, (None, None)), "q", spec)
    k, v = (side_input(ctx, name, "state") for name in (rows.cache.k, rows.cache.v) if name is not None)
    return attend(ctx, rotate(ctx, q, "q", tables, spec, rows), k, v, spec, rows)


def find_tables(ctx: FlowContext, spec: SelfAttnPrefillSpec) -> RopePair | None:
    """The tables of a spec with rope. Raises RlxcError if there are none, or if they have another width."""
    if not spec.has_rope:
        return None
    tables = ctx.rope.find(spec.rope_table, spec.rotated)
    width = shape_of(tables.cos)[1]
    if width != spec.rotated // 2:
        stage = "RopeTables" if spec.rope_table is None else f"NamedRopeTables('{spec.rope_table}')"
        raise RlxcError(
            f"n_rot = {spec.rotated} needs rope tables of width {spec.rotated // 2}, those of {stage} have {width}",
            hint=f"make {stage} with n_rot={spec.rotated}, or the spec with_n_rot({2 * width})",
        )
    return tables


def project(ctx: FlowContext, x: SSAValue, spec: SelfAttnPrefillSpec) -> tuple[SSAValue, SSAValue, SSAValue]:
    """Q, K and V."""
    q = projection(ctx, x, "q", spec.q_key, spec, (None, None))
    digests = shared_digests(ctx, spec)
    assert spec.k_key is not None
    k = projection(ctx, x, "k", spec.k_key, spec, digests)
    if spec.k_eq_v or spec.v_key is None:
        return q, k, k
    return q, k, projection(ctx, x, "v", spec.v_key, spec, digests)


def projection(
    ctx: FlowContext,
    x: SSAValue,
    name: str,
    key: str,
    spec: SelfAttnPrefillSpec,
    digests: tuple[str | None, str | None],
) -> SSAValue:
    """`x . weight + bias`; `digests` are those of weight and bias."""
    rows = spec.head_dim * (spec.num_heads if name == "q" else spec.num_kv_heads)
    shape = (rows, ctx.features(x))
    weight = ctx.param(key, field=f"{name}_key", shape=shape, transposed=True, digest=digests[0])
    bias_key, bias = spec.bias_key(name), None
    if bias_key is not None:
        bias = ctx.param(bias_key, field=f"{name}_bias_key", shape=(rows,), digest=digests[1])
    return ctx.emit(MatmulOp(x, weight, bias=bias), name)


def shared_digests(ctx: FlowContext, spec: SelfAttnPrefillSpec) -> tuple[str | None, str | None]:
    """The digests of the weight and of the bias that K and V have in common."""
    if spec.k_eq_v or spec.k_key is None or spec.v_key is None:
        return None, None
    weight = ctx.shared_digest(spec.k_key, spec.v_key, field="k_key", other_field="v_key")
    k_bias, v_bias = spec.bias_key("k"), spec.bias_key("v")
    if k_bias is None or v_bias is None:
        return weight, None
    return weight, ctx.shared_digest(k_bias, v_bias, field="k_bias_key", other_field="v_bias_key")


def head_norm(ctx: FlowContext, x: SSAValue, name: str, spec: SelfAttnPrefillSpec) -> SSAValue:
    """The RMS norm of each head of Q or K, if the spec has one."""
    key = spec.q_norm_key if name == "q" else spec.k_norm_key
    if key is None:
        return x
    gamma = ctx.param(key, field=f"{name}_norm_key", shape=(spec.head_dim,))
    op = RmsNormOp(x, gamma, eps=spec.norm_eps, offset=spec.norm_offset, head_dim=spec.head_dim)
    return ctx.emit(op, f"{name}_normed")


def weightless_norm(ctx: FlowContext, v: SSAValue, spec: SelfAttnPrefillSpec) -> SSAValue:
    """The RMS norm of each head of V, if the spec has one."""
    return ctx.emit(RmsNormOp(v, eps=spec.norm_eps, head_dim=spec.head_dim), "v_normed") if spec.v_norm else v


def rotate(
    ctx: FlowContext,
    x: SSAValue,
    name: str,
    tables: RopePair | None,
    spec: SelfAttnPrefillSpec,
    rows: CacheRows | None,
) -> SSAValue:
    """Rope, if the spec has it."""
    if tables is None:
        return x
    op = RopeOp(
        x,
        tables.cos,
        tables.sin,
        head_dim=spec.head_dim,
        n_rot=spec.rotated,
        style=RopeStyle(spec.rope_style),
        position=None if rows is None else rows.position,
    )
    return ctx.emit(op, f"{name}_rot")
