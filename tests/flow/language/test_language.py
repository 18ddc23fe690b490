"""Flows as text are the flows that Python makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rlxc import RlxcError
from rlxc.flow import load_flow
from rlxc.flow.language import read_flow
from rlxc.flow.steps import LayerStep, Step
from rlxc.stages import Linear, ResidualAdd, ResidualSave, RmsNorm, Softcap, Stage, StreamSave

EXAMPLES = Path(__file__).parents[3] / "examples"

VALUES = {
    "1 + 2 * 3": 7,
    "(1 + 2) * 3": 9,
    "10 - 3 - 2": 5,
    "-7 // 2": -4,
    "7 % 4 / 2": 1.5,
    "2 - -1": 3,
    "1e-5": 1e-5,
    "cfg.width // 2": 4,
    "cfg.none ?? cfg.absent ?? 3": 3,
    "cfg.width ?? 3": 8,
    "cfg.layers[1].width": 5,
    "len(cfg.layers)": 2,
    "max(1, 2) + min(1, 2)": 3,
    "sqrt(16)": 4.0,
    "if cfg.width > 4 then 1 else 2": 1,
    "if cfg.width != 8 or not true then 1 else 2": 2,
    "if cfg.none == none and 2 <= 2 then 1 else 2": 1,
    "if false and cfg.absent then 1 else 2": 2,
}


@pytest.mark.parametrize("expression", VALUES)
def test_expression(expression: str) -> None:
    (stage,) = stages(f'rms_norm("w", offset = {expression})')
    assert stage == RmsNorm("w", offset=VALUES[expression])


def test_blocks() -> None:
    found = stages(
        'repeat 2 as i { residual { when i == 0 { softcap(1) } else when i == 1 { linear("{cfg.name}.{i}") } } }'
    )
    first = [ResidualSave(), Softcap(1), ResidualAdd()]
    assert found == [*first, ResidualSave(), Linear("body.1"), ResidualAdd()]


def test_let_holds_in_its_block() -> None:
    assert stages("let x = 1 residual { let x = 2 } softcap(x)")[-1] == Softcap(1)


def test_words_of_the_language_are_names_of_arguments_and_keys() -> None:
    assert stages("stream_save(name = cfg.layer)", layer="layer") == [StreamSave("layer")]


def test_a_name_that_is_none_is_left_out() -> None:
    text = 'model m() { input x state "k" repeat 2 as i { layer "a" (k = if i == 0 then "k" else none) { } } }'
    assert [step.inputs for step in read_flow(text).flow.steps if isinstance(step, LayerStep)] == [(("k", "k"),), ()]


def test_equal_layers_are_one_function() -> None:
    text = """model m() {
      input x ["B", "S", 8]
      input position: index
      repeat 3 as i { state "k_{i}" ["B", "C", 4]  state "v_{i}" ["B", "C", 4] }
      rope_tables(1e4, 4, 16)
      repeat 3 as i { layer "layers.{i}." (k = "k_{i}", v = "v_{i}") {
        weight "q" [8, 8]  weight "k" [4, 8]  weight "v" [4, 8]
        residual { self_attn_prefill("q", "k", "v", 2, 4, 1, cache = kv_cache("k", "v")) }
      } }
    }"""
    read = read_flow(text)
    module = str(read.flow.build(read.weights))
    assert module.count("func.func private") == 1
    assert [line.split("rlx.scope = ")[1][:11] for line in module.split("\n") if "rlx.scope" in line] == [
        f'"layers.{i}."' for i in range(3)
    ]


def test_example_is_its_twin() -> None:
    path = EXAMPLES / "llama_layer.flow"
    read, twin = read_flow(path.read_text(), str(path)), load_flow(path.with_suffix(".py"))
    assert str(read.flow.build(read.weights)) == str(twin.flow.build(twin.weights))


def test_declared_weights_are_not_equal() -> None:
    """Equal weights of K and V would be taken for one."""
    read = read_flow('model m() { weight "k" [2, 3] weight "v" [2, 3] }')
    assert (read.weights.get("k") != read.weights.get("v")).all()
    assert read.weights.get("k").shape == read.weights.shape("k") == (2, 3)


def test_no_config_has_no_keys() -> None:
    with pytest.raises(RlxcError, match="the config has no 'width'"):
        read_flow("model m(cfg) { softcap(cfg.width) }")


def stages(statements: str, **config: Any) -> list[Stage]:
    values = {"width": 8, "none": None, "name": "body", "layers": [{"width": 4}, {"width": 5}], **config}
    flow = read_flow(f"model m(cfg) {{ {statements} }}", config=values).flow
    return [step.stage for step in flow.steps if isinstance(step, Step)]
