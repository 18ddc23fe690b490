"""What the tests of the native target share: modules at the affine level, written by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from xdsl.context import Context
from xdsl.dialects.affine import Affine
from xdsl.dialects.arith import Arith
from xdsl.dialects.builtin import Builtin, ModuleOp
from xdsl.dialects.func import Func
from xdsl.dialects.math import Math
from xdsl.dialects.memref import MemRef
from xdsl.dialects.scf import Scf
from xdsl.parser import Parser

from rlxc.native import NativeFunction, build_function

MODULES = Path(__file__).parent / "modules"


@pytest.fixture(scope="session")
def affine_text() -> Callable[[str], str]:
    """The text of a module of this directory, by name."""
    return lambda name: (MODULES / f"{name}.mlir").read_text()


@pytest.fixture(scope="session")
def parse() -> Callable[[str], ModuleOp]:
    """Text to a module."""

    def parse_text(text: str) -> ModuleOp:
        context = Context()
        for dialect in (Builtin, Func, Arith, Affine, MemRef, Math, Scf):
            context.load_dialect(dialect)
        return Parser(context, text).parse_module()

    return parse_text


@pytest.fixture(scope="session")
def gated_linear(affine_text: Callable[[str], str], parse: Callable[[str], ModuleOp]) -> NativeFunction:
    """The function of `gated_linear.mlir`, loaded."""
    return build_function(parse(affine_text("gated_linear")))


@pytest.fixture(scope="session")
def scalars(affine_text: Callable[[str], str], parse: Callable[[str], ModuleOp]) -> NativeFunction:
    """The function of `scalars.mlir`, loaded."""
    return build_function(parse(affine_text("scalars")))


@pytest.fixture(scope="session")
def mirrored(affine_text: Callable[[str], str], parse: Callable[[str], ModuleOp]) -> NativeFunction:
    """The function of `mirrored.mlir`, loaded."""
    return build_function(parse(affine_text("mirrored")))
