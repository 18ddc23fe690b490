"""Pipelines as text."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlxc.diagnostics import RlxcError
from rlxc.inspect.pipeline_text import parse_fusion, parse_pipeline
from rlxc.passes.pipelines import PIPELINES


def names(text: str) -> list[str]:
    return [step.name for step in parse_pipeline(text)]


@pytest.mark.parametrize("text", ["cse,dce", " cse ,\n dce ", "builtin.module(cse,dce)", "builtin.module( cse, dce )"])
def test_forms(text: str) -> None:
    assert names(text) == ["cse", "dce"]


@pytest.mark.parametrize("text", ["", "builtin.module()", " "])
def test_no_passes(text: str) -> None:
    assert names(text) == []


def test_names_of_pipelines_stand_for_their_passes() -> None:
    assert names("dce,fuse,dce") == ["dce", *PIPELINES["fuse"].passes.split(","), "dce"]


def test_options_survive_printing() -> None:
    (step,) = parse_pipeline("rlx-unfuse{only=rope,groups}")
    assert parse_pipeline(str(step.pipeline_pass_spec())) == (step,)


def test_blanks_in_options_are_kept() -> None:
    (step,) = parse_pipeline('mlir-opt{executable=mlir-opt arguments="--a b","--c"}')
    assert step.pipeline_pass_spec().parameters["arguments"] == ("--a b", "--c")


@given(st.text(alphabet='cse,dfu{}="\\[]() \n19.-x;é', max_size=20))
def test_any_text_is_a_pipeline_or_an_rlxc_error(text: str) -> None:
    with contextlib.suppress(RlxcError):
        parse_pipeline(text)


def test_what_fuses_keeps_the_level() -> None:
    assert len(parse_fusion("rlx-inline-calls,fuse,rlx-unfuse,cse")) == len(parse_pipeline("fuse")) + 3


@pytest.mark.parametrize("text", ["linalg", "affine", "fuse,convert-rlx-to-linalg", "rlx-bufferize"])
def test_what_fuses_does_not_lower(text: str) -> None:
    with pytest.raises(RlxcError, match="lowers the program: what fuses has to keep it at the rlx level"):
        parse_fusion(text)
