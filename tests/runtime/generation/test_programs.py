"""Programs of a model that are compiled at the same time."""

from __future__ import annotations

import time
from threading import Lock
from typing import Any

import pytest

from reference_models import MODELS
from rlxc import RlxcError, load_model
from rlxc.inspect import pipeline_run
from rlxc.runtime.generation import flow_compiler, late_weights, programs


@pytest.mark.parametrize("target", ["numpy", "native"])
def test_one_thread_at_a_time_makes_operations(target: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = Lock()

    def alone(made: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            assert busy.acquire(blocking=False), "another thread makes operations"
            try:
                time.sleep(0.05)  # so that another thread would come here meanwhile
                return made(*args, **kwargs)
            finally:
                busy.release()

        return call

    monkeypatch.setattr(flow_compiler, "late_program", alone(late_weights.late_program))
    monkeypatch.setattr("rlxc.runtime.levels.run_pipeline", alone(pipeline_run.run_pipeline))
    model = load_model(MODELS / "llama_tiny", target)
    model.load()
    assert model.generate([[1, 2, 3]], 2).shape == (1, 2)


def test_head_is_left_alone_when_the_body_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any, **_options: Any) -> Any:
        raise RlxcError("no body")

    heads: list[Any] = []
    monkeypatch.setattr(programs, "decoder_body", fail)
    monkeypatch.setattr(programs, "decoder_head", heads.append)
    with pytest.raises(RlxcError, match="no body"):
        load_model(MODELS / "llama_tiny", "native").load()
    assert heads == []
