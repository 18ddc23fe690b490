"""Remarks: in order, each once, and cheap."""

from __future__ import annotations

import pytest
from xdsl.dialects.test import TestOp

from rlxc.passes.remarks import Remark, collect_remarks, fused, missed


def test_equal_remarks_are_kept_once_in_order() -> None:
    op = TestOp()
    with collect_remarks() as remarks:
        for message in ("b", "a", "b"):
            fused("rlx-pass", op, message)
        missed("rlx-pass", op, "a")
    assert [(remark.kind, remark.message) for remark in remarks] == [("fused", "b"), ("fused", "a"), ("missed", "a")]


def test_the_work_is_linear_in_the_remarks(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def equal(self: Remark, other: object) -> bool:
        compared.append(self.message)
        return isinstance(other, Remark) and self.message == other.message

    monkeypatch.setattr(Remark, "__eq__", equal)
    op = TestOp()
    with collect_remarks() as remarks:
        for number in range(500):
            fused("rlx-pass", op, f"{number // 2}")
    assert len(remarks) == 250
    assert len(compared) == 250
