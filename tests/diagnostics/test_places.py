"""Places out of location attributes and messages."""

from __future__ import annotations

import pytest
from xdsl.dialects.builtin import (
    UNKNOWN_LOC,
    ArrayAttr,
    CallSiteLoc,
    FileLineColLoc,
    FusedLoc,
    IntAttr,
    NameLoc,
    NoneAttr,
    StringAttr,
)
from xdsl.dialects.test import TestOp
from xdsl.ir import Attribute, Block, Region

from rlxc.diagnostics import SourceLocation
from rlxc.diagnostics.places import operation_location, source_location, split_place

FILE = FileLineColLoc(StringAttr("a.mlir"), IntAttr(3), IntAttr(7))
PLACE = SourceLocation("a.mlir", 3, 7)


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (FILE, PLACE),
        (NameLoc(StringAttr("rlx.rope"), FILE), PLACE),
        (FusedLoc(ArrayAttr([UNKNOWN_LOC, FILE]), NoneAttr()), PLACE),
        (CallSiteLoc(FILE, UNKNOWN_LOC), PLACE),
        (UNKNOWN_LOC, None),
    ],
)
def test_source_location(location: Attribute, expected: SourceLocation | None) -> None:
    assert source_location(location) == expected


def test_an_operation_without_location_has_that_of_the_one_around_it() -> None:
    inner = TestOp()
    outer = TestOp(regions=[Region(Block([inner]))])
    assert operation_location(inner) is None
    outer.location = FILE
    assert operation_location(inner) == PLACE


def test_split_place() -> None:
    assert split_place("a.mlir:3:7: cannot print it: no") == (PLACE, "cannot print it: no")
    assert split_place("cannot print it: no") == (None, "cannot print it: no")
