"""Compiled programs, kept from run to run."""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

from rlxc.diagnostics import RlxcError
from rlxc.native import DefaultToolchain, read_signature
from rlxc.native.codegen import Target
from rlxc.native.collection import collection_paused
from rlxc.native.compile_process import Compile
from rlxc.native.compiled import CompiledProgram, Lowered, compile_and_keep, compile_made, kept_program, program_key
from rlxc.native.emit import DEFAULT_TOOLCHAIN
from rlxc.native.fingerprint import source_files
from rlxc.native.object_cache import VARIABLE, ObjectCache
from rlxc.native.signature import ArrayType, Panels, Parameter, RopeTable, Weight
from rlxc.native.signature_text import from_json, to_json

Parse = Callable[[str], ModuleOp]
Text = Callable[[str], str]


@pytest.mark.parametrize("name", ["gated_linear", "scalars", "mirrored", "panel_linear"])
def test_signatures_survive(name: str, parse: Parse, affine_text: Text) -> None:
    signature = read_signature(parse(affine_text(name)))
    assert from_json(to_json(signature)) == signature


def test_parameters_survive(parse: Parse, affine_text: Text) -> None:
    kind = ArrayType("f32", (2, 3))
    parameters = (
        Parameter("w", kind, Weight(("a", "ü"), transposed=True), Panels(3, gated=True)),
        Parameter("c", kind, RopeTable("cos", 0.1 + 0.2)),
    )
    signature = replace(read_signature(parse(affine_text("scalars"))), parameters=parameters)
    assert from_json(to_json(signature)) == signature


def test_bytes_and_back(parse: Parse, affine_text: Text) -> None:
    program = CompiledProgram(
        read_signature(parse(affine_text("scalars"))), "text, ü", [b"\0code", b"", b"more"], "account"
    )
    assert CompiledProgram.from_bytes(program.to_bytes()) == program


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectCache:
    """An empty cache."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return ObjectCache(tmp_path / "cache")


def never() -> Lowered:
    """What must not be called, as the program is kept."""
    raise AssertionError("lowered again")


def works(program: CompiledProgram) -> bool:
    x = np.arange(5, dtype=np.float32)
    return np.array_equal(program.load()([x, 2.0, False], [], 2)[0], 2 * x)


def compiled(source: list[str], lower: Callable[[], Lowered]) -> CompiledProgram:
    """The program that is kept for a source, or else the one that `lower` makes."""
    key = program_key(source)
    return kept_program(key) or compile_and_keep(key, lower)


def test_same_source_is_not_lowered_again(parse: Parse, affine_text: Text) -> None:
    first = compiled(["mirrored"], lambda: Lowered(parse(affine_text("mirrored")), "it is mirrored"))
    second = compiled(["mirrored"], never)
    assert second == first
    assert second.account == "it is mirrored"
    assert works(second)
    with pytest.raises(AssertionError, match="lowered again"):
        compiled(["mirrored", "otherwise"], never)


def test_damage_costs_a_compile(parse: Parse, affine_text: Text, cache: ObjectCache) -> None:
    compiled(["mirrored"], lambda: Lowered(parse(affine_text("mirrored"))))
    (entry,) = cache.entries()
    entry.write_bytes(entry.read_bytes()[:-1])
    assert works(compiled(["mirrored"], lambda: Lowered(parse(affine_text("mirrored")))))
    compiled(["mirrored"], never)


def test_changed_code_is_seen(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    module = tmp_path / "inner" / "module.py"
    module.write_text("a = 1")
    before = list(source_files(tmp_path))
    assert list(source_files(tmp_path)) == before
    module.write_text("a = 12")
    assert list(source_files(tmp_path)) != before


def test_mlir_is_loaded_meanwhile(parse: Parse, affine_text: Text) -> None:
    events: list[str] = []

    class Noting(DefaultToolchain):
        @contextmanager
        def compiling(self, target: Target | None = None) -> Generator[Compile]:
            events.append("started")
            with super().compiling(target) as compile_parts:
                yield compile_parts
            events.append("ended")

    def make() -> Lowered:
        events.append("made")
        return Lowered(parse(affine_text("mirrored")))

    assert works(compile_made(make, Noting()))
    assert events == ["started", "made", "ended"]


def test_garbage_is_collected_after_a_failure() -> None:
    def fail() -> Lowered:
        assert not gc.isenabled()
        raise RlxcError("it cannot be lowered")

    with pytest.raises(RlxcError, match="it cannot be lowered"):
        compile_made(fail, DEFAULT_TOOLCHAIN)
    assert gc.isenabled()


def test_collector_that_is_off_stays_off() -> None:
    gc.disable()
    try:
        with collection_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
