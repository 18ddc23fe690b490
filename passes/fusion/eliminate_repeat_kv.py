"""`rlx-eliminate-repeat-kv`: attention reads each key/value head where it is, instead of a copy per query head."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import IntegerAttr, ModuleOp, i64
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.pattern_rewriter import PatternRewriter
from xdsl.rewriter import InsertPoint

from rlxc.dialects.rlx import AttentionOp, RepeatKvOp, RopeOp
from rlxc.dialects.rlx.base import int_of
from rlxc.passes.fusion.support.rebuild import named, rebuilt, used_only_by
from rlxc.passes.fusion.support.rules import Guard, Missed, Rewrite, Rule, Verdict, apply_rules, first_reason
from rlxc.passes.fusion.support.sizes import bytes_text


@dataclass(frozen=True)
class EliminateRepeatKvPass(ModulePass):
    """Attention over repeated heads -> grouped attention over the heads themselves.

    ```mlir
    %kk = rlx.repeat_kv %k {head_dim = 16, group = 4}
    %vv = rlx.repeat_kv %v {head_dim = 16, group = 4}
    %o = rlx.attention %q, %kk, %vv {num_heads = 8, num_kv_heads = 8, head_dim = 16}
    ```
    ->
    ```mlir
    %o = rlx.attention %q, %k, %v {num_heads = 8, num_kv_heads = 2, head_dim = 16}
    ```

    Preconditions: K and V are both repeated, with one group size, by heads of the attention's
    `head_dim`. Rope, `k_gain`, masks and biases of the attention stay as they are: they treat
    all key/value heads alike, so they commute with copying heads. So does a rotation between
    `repeat_kv` and the attention, which then rotates the heads instead of their copies, unless
    it has another user, for whom the copies would still be rotated. Other users of the copies
    themselves keep them at no cost: the attention does not need them any more, and nothing is
    computed twice.
    """

    name = "rlx-eliminate-repeat-kv"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        apply_rules(self.name, op, [Rule(AttentionOp, _judge)])


@dataclass(frozen=True)
class _Copies:
    """An operand of the attention: copies of heads, which may have been rotated."""

    repeat: RepeatKvOp
    rope: RopeOp | None = None

    @property
    def value(self) -> SSAValue:
        return self.repeat.result if self.rope is None else self.rope.result


@dataclass(frozen=True)
class _Repeated:
    attention: AttentionOp
    k: _Copies
    v: _Copies

    @property
    def sides(self) -> tuple[tuple[str, _Copies], tuple[str, _Copies]]:
        return ("K", self.k), ("V", self.v)


def _judge(op: AttentionOp) -> Verdict:
    k, v = _copies_behind(op.k), _copies_behind(op.v)
    if k is None or v is None:
        return None if k is v else Missed(_only_one_is_repeated("V" if k is None else "K"))
    candidate = _Repeated(op, k, v)
    reason = first_reason(_GUARDS, candidate)
    return _grouped(candidate) if reason is None else Missed(reason)


def _copies_behind(value: SSAValue) -> _Copies | None:
    match value.owner:
        case RepeatKvOp() as repeat:
            return _Copies(repeat)
        case RopeOp() as rope if isinstance(repeat := rope.x.owner, RepeatKvOp):
            return _Copies(repeat, rope)
        case _:
            return None


def _only_one_is_repeated(repeated: str) -> str:
    other = "V" if repeated == "K" else "K"
    return f"only {repeated} is repeated: {other} has a head of its own for each query head"


def _head_dims_match(candidate: _Repeated) -> str | None:
    head_dim = int_of(candidate.attention.head_dim)
    for name, copies in candidate.sides:
        for done, op in (("repeated", copies.repeat), ("rotated", copies.rope)):
            if op is not None and (width := int_of(op.head_dim)) != head_dim:
                return f"{name} is {done} with head_dim = {width}, but the attention has head_dim = {head_dim}"
    return None


def _groups_match(candidate: _Repeated) -> str | None:
    k, v = int_of(candidate.k.repeat.group), int_of(candidate.v.repeat.group)
    return None if k == v else f"K is repeated for groups of {k}, V for groups of {v}"


def _nothing_is_rotated_twice(candidate: _Repeated) -> str | None:
    for name, copies in candidate.sides:
        if copies.rope is not None and not used_only_by(copies.value, candidate.attention):
            return f"the rotated copies of {name} have another user: its heads would be rotated once more"
    return None


_GUARDS: tuple[Guard[_Repeated], ...] = (_head_dims_match, _groups_match, _nothing_is_rotated_twice)


def _grouped(candidate: _Repeated) -> Rewrite:
    op, k, v = candidate.attention, candidate.k, candidate.v
    kv_heads = int_of(op.num_kv_heads)
    groups = kv_heads // int_of(k.repeat.group)
    copies = bytes_text(list({k.repeat.result, v.repeat.result}))

    def apply(rewriter: PatternRewriter) -> None:
        new_k = _heads(rewriter, k)
        new_v = new_k if v == k else _heads(rewriter, v)
        grouped = rebuilt(op, {"k": new_k, "v": new_v}, {"num_kv_heads": IntegerAttr(groups, i64)})
        rewriter.replace(op, grouped)

    return Rewrite(f"num_kv_heads = {groups} instead of {kv_heads}; {copies} of copies are not made", apply)


def _heads(rewriter: PatternRewriter, copies: _Copies) -> SSAValue:
    """The heads that were copied, rotated if the copies were."""
    heads, rope = copies.repeat.x, copies.rope
    if rope is None:
        return heads
    rotated = named(rebuilt(rope, {"x": heads}, result_types=[heads.type]), rope.result.name_hint)
    rewriter.insert(rotated, InsertPoint.before(rope))
    return rotated.result
