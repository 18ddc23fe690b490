"""The Gemma 4 example: K and V are one value in one attention, and the dumps of the way there can be replayed."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from xdsl.dialects.builtin import ModuleOp

from rlxc.cli import main
from rlxc.diagnostics import parse_module
from rlxc.dialects import rlx
from rlxc.inspect.registry import make_context

Emit = Callable[..., str]

EXAMPLE = Path(__file__).parents[2] / "examples" / "gemma4_attention.mlir"

CHANGING = [
    "rlx-eliminate-repeat-kv",
    "rlx-fuse-rope-into-attention",
    "rlx-dedup-k-eq-v",
    "rlx-merge-projections",
]


@pytest.fixture
def fused(emit: Emit) -> ModuleOp:
    """The fused example."""
    return parse_module(make_context(), emit(EXAMPLE, "fused"), "fused.mlir")


@pytest.fixture
def attention(fused: ModuleOp) -> rlx.AttentionOp:
    """Its one attention."""
    (found,) = [op for op in fused.walk() if isinstance(op, rlx.AttentionOp)]
    return found


@pytest.fixture
def dumps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The dumps of a compilation, in order; the directory that they are in is the current one."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(EXAMPLE, tmp_path)
    assert main(["compile", EXAMPLE.name, "--dump-dir", ".", "-o", "fused.mlir"]) == 0
    return sorted(tmp_path.glob("[0-9][0-9]-*.mlir"))


def test_k_and_v_are_one_value(attention: rlx.AttentionOp):
    assert attention.k is attention.v
    assert attention.num_kv_heads.value.data == 1


def test_attention_rotates(attention: rlx.AttentionOp):
    assert attention.cos is not None
    assert attention.sin is not None
    assert attention.k_gain is not None


def test_nothing_rotates_or_repeats_besides(fused: ModuleOp):
    assert not [op for op in fused.walk() if isinstance(op, rlx.RopeOp | rlx.RepeatKvOp)]


def test_k_is_normalised_once(fused: ModuleOp, attention: rlx.AttentionOp):
    norms = [op.result for op in fused.walk() if isinstance(op, rlx.RmsNormOp)]
    assert norms == [attention.q, attention.k]


@pytest.mark.parametrize("form", ["rlx", "fused", "linalg", "affine", "numpy"])
def test_there_is_no_v_projection(form: str, emit: Emit):
    text = emit(EXAMPLE, form)
    assert "k_proj" in text
    assert "v_proj" not in text


def test_one_dump_for_each_changing_pass(dumps: list[Path]):
    names = ["input", *CHANGING]
    assert [dump.name for dump in dumps] == [f"{number:02d}-{name}.mlir" for number, name in enumerate(names)]
    assert dumps[-1].read_text().partition("\n")[2] == Path("fused.mlir").read_text()


def test_first_line_makes_the_dump_again(dumps: list[Path]):
    for dump in dumps:
        first, _, content = dump.read_text("utf-8").partition("\n")
        slashes, command, *arguments = shlex.split(first)
        assert (slashes, command) == ("//", "rlxc")
        assert main([*arguments, "-o", "again.mlir"]) == 0
        assert Path("again.mlir").read_text("utf-8") == content, first
