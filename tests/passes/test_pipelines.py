"""The pipelines and the registered names agree."""

from __future__ import annotations

import pytest
from xdsl.passes import PassPipeline
from xdsl.universe import XDSL_UNIVERSE

from rlxc.passes.pipelines import PIPELINES
from rlxc.universe import RLX_UNIVERSE


@pytest.mark.parametrize("name", RLX_UNIVERSE.all_passes)
def test_passes_have_the_names_they_are_registered_by(name: str) -> None:
    assert RLX_UNIVERSE.all_passes[name]().name == name


@pytest.mark.parametrize("name", RLX_UNIVERSE.all_passes)
def test_passes_say_what_they_do(name: str) -> None:
    documentation = RLX_UNIVERSE.all_passes[name]().__doc__
    assert documentation is not None
    assert "```mlir" in documentation


@pytest.mark.parametrize("name", PIPELINES)
def test_pipelines_name_registered_passes(name: str) -> None:
    passes = PassPipeline.parse_spec(XDSL_UNIVERSE.all_passes | RLX_UNIVERSE.all_passes, PIPELINES[name].passes)
    assert len(passes.passes) == len(PIPELINES[name].passes.split(","))
