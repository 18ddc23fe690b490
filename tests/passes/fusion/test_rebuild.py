"""Rebuilding operations: nothing is lost, and places in the source are kept."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from xdsl.dialects.builtin import ArrayAttr, FileLineColLoc, FusedLoc, IntegerAttr, ModuleOp, NoneAttr, i64
from xdsl.ir import Operation

from rlxc.dialects.rlx import AttentionOp, MatmulOp, RepeatKvOp, RopeOp, SplitOp
from rlxc.dialects.rlx.places import source_place
from rlxc.passes.fusion.support.rebuild import rebuilt

ATTENTION = """
!q = tensor<1x8x64xf32>
!kv = tensor<1x8x32xf32>
!table = tensor<99x8xf32>
func.func @f(
  %q: !q, %k: !kv, %v: !kv, %cos: !table, %sin: !table, %g: tensor<16xf32>,
  %pad: tensor<1x8xi1>, %b: tensor<1x1x8x8xf32>, %n: index, %p: index
) -> !q {
  %o = rlx.attention %q, %k, %v rope(%cos, %sin) style(interleaved) k_gain(%g) mask(sliding<4>) padding(%pad) bias(%b)
    kv_length(%n) query_offset(%p)
    {num_heads = 4, num_kv_heads = 2, head_dim = 16, n_rot = 16, scale = 0.5 : f64, softcap = 50.0 : f64,
     my.note = "kept"} : !q, !kv
  func.return %o : !q
}
"""

LAYER = """
!x = tensor<1x8x32xf32>
!q = tensor<1x8x64xf32>
!table = tensor<99x8xf32>
func.func @f(%x: !x, %cos: !table, %sin: !table) -> !q {
  %wq = rlx.param "q" : tensor<32x64xf32>
  %wk = rlx.param "k" : tensor<32x32xf32>
  %q = rlx.matmul %x, %wq : !x, tensor<32x64xf32>
  %k = rlx.matmul %x, %wk : !x, tensor<32x32xf32>
  %qr = rlx.rope %q, %cos, %sin {head_dim = 16, n_rot = 16} : !q
  %kr = rlx.rope %k, %cos, %sin {head_dim = 16, n_rot = 16} : !x
  %kk = rlx.repeat_kv %kr {head_dim = 16, group = 2} : !x -> !q
  %vv = rlx.repeat_kv %k {head_dim = 16, group = 2} : !x -> !q
  %o = rlx.attention %qr, %kk, %vv {num_heads = 4, num_kv_heads = 4, head_dim = 16} : !q, !q
  func.return %o : !q
}
"""

Parse = Callable[[str], ModuleOp]
After = Callable[[ModuleOp, str], ModuleOp]


def find(module: ModuleOp, kind: type[Operation]) -> list[Operation]:
    return [op for op in module.walk() if isinstance(op, kind)]


def attention_of(module: ModuleOp) -> AttentionOp:
    return next(op for op in module.walk() if isinstance(op, AttentionOp))


def test_everything_is_carried_over(parse: Parse) -> None:
    op = attention_of(parse(ATTENTION))
    copy = rebuilt(op)
    assert all(
        operand is not None for operand in (op.cos, op.padding, op.bias, op.k_gain, op.kv_length, op.query_offset)
    )
    assert tuple(copy.operands) == tuple(op.operands)
    assert (copy.properties, copy.attributes, copy.location) == (op.properties, op.attributes, op.location)
    copy.verify()


@pytest.mark.parametrize("name", [name for name, _ in AttentionOp.get_irdl_definition().operands])
def test_one_operand_changes(parse: Parse, name: str) -> None:
    op = attention_of(parse(ATTENTION))
    copy = rebuilt(op, {name: op.q})
    for other, _ in op.get_irdl_definition().operands:
        assert getattr(copy, other) is (op.q if other == name else getattr(op, other))


@pytest.mark.parametrize("name", ["cos", "padding", "bias", "k_gain", "kv_length", "query_offset"])
def test_one_operand_is_left_out(parse: Parse, name: str) -> None:
    op = attention_of(parse(ATTENTION))
    copy = rebuilt(op, {name: None})
    assert getattr(copy, name) is None
    assert tuple(copy.operands) == tuple(operand for operand in op.operands if operand is not getattr(op, name))


def test_one_property_changes(parse: Parse) -> None:
    op = attention_of(parse(ATTENTION))
    copy = rebuilt(op, properties={"num_kv_heads": IntegerAttr(4, i64), "softcap": None})
    assert copy.num_kv_heads.value.data == 4
    assert copy.softcap is None
    assert (copy.scale, copy.mask, copy.rope_style) == (op.scale, op.mask, op.rope_style)


@pytest.mark.parametrize(
    "changes", [({"keys": None}, {}), ({}, {"keys": None}), ({"scale": None}, {}), ({}, {"q": None})]
)
def test_unknown_names_are_errors(parse: Parse, changes: tuple[dict[str, None], dict[str, None]]) -> None:
    with pytest.raises(KeyError, match=r"no operand or property (keys|scale|q)"):
        rebuilt(attention_of(parse(ATTENTION)), *changes)


def test_fused_operations_stand_where_their_sources_stood(parse: Parse, after: After) -> None:
    before = parse(LAYER)
    fused = after(before, "fuse")
    assert attention_of(fused).location == attention_of(before).location
    locations = [op.location for op in find(before, MatmulOp)]
    for merged in (*find(fused, MatmulOp), *find(fused, SplitOp)):
        assert merged.location == FusedLoc(ArrayAttr(locations), NoneAttr())
        assert source_place(merged.location) == "program.mlir:8:3"


def test_unfused_operations_stand_where_the_fused_one_stood(parse: Parse, after: After) -> None:
    fused = after(parse(LAYER), "fuse")
    unfused = after(fused, "rlx-unfuse")
    taken_apart = [op for kind in (RopeOp, RepeatKvOp, AttentionOp) for op in find(unfused, kind)]
    assert len(taken_apart) == 5
    assert {op.location for op in taken_apart} == {attention_of(fused).location}
    assert all(isinstance(op.location, FusedLoc) for op in find(unfused, MatmulOp))


def test_every_operation_keeps_a_location(parse: Parse, after: After) -> None:
    for pipeline in ("fuse", "rlx-merge-projections,rlx-unfuse"):
        ops = [op for op in after(parse(LAYER), pipeline).walk() if not isinstance(op, ModuleOp)]
        assert all(isinstance(op.location, FileLineColLoc | FusedLoc) for op in ops)
