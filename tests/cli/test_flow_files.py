"""`.flow` files on the command line, with and without a config."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Rlxc = Callable[..., tuple[int, str, str]]

TESTS = Path(__file__).parents[1]
LAYER = TESTS.parent / "examples" / "llama_layer.flow"
RECIPE = TESTS.parent / "rlxc" / "models" / "flows" / "llama.flow"


def test_compile_takes_sizes_from_the_config(rlxc: Rlxc, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"hidden_size": 96, "intermediate_size": 40}')
    code, output, _ = rlxc("compile", LAYER, "--emit=rlx", "--config", tmp_path / "config.json")
    assert code == 0
    assert "tensor<?x?x96xf32>" in output
    assert "tensor<96x40xf32>" in output


def test_run_with_random_weights(rlxc: Rlxc) -> None:
    code, output, _ = rlxc("run", LAYER, "--weights", "random:0", "--check")
    assert code == 0
    assert "ok" in output


def test_inspect(rlxc: Rlxc) -> None:
    code, output, _ = rlxc("inspect", LAYER)
    assert code == 0
    assert "rlx.glu_matmul" in output


def test_run_without_weights(rlxc: Rlxc) -> None:
    code, _, errors = rlxc("run", LAYER)
    assert code == 1
    assert "hint: give weights" in errors


CONFIGS = {
    "not json": ('{"hidden_size": }', 'config.json:1:17: error: not JSON: Expecting value\n{"hidden_size": }\n'),
    "no object": ("[1]", "holds no JSON object"),
    "digits": (f'{{"hidden_size": {"9" * 9999}}}', "config.json': "),
    "deep": ("[" * 100_000, "config.json': "),
    "no number": ('{"hidden_size": "x"}', "error: expected a number, got 'x'"),
    "not divisible": (
        '{"hidden_size": 64, "head_dim": 7}',
        "llama_layer.flow:24:59: error: RopeTables: n_rot must be even, got 7",
    ),
}


@pytest.mark.parametrize("case", CONFIGS)
def test_bad_config(rlxc: Rlxc, case: str, tmp_path: Path) -> None:
    content, message = CONFIGS[case]
    (tmp_path / "config.json").write_text(content)
    code, output, errors = rlxc("compile", LAYER, "--emit=rlx", "--config", tmp_path / "config.json")
    assert (code, output) == (1, "")
    assert message in errors
    assert "Traceback" not in errors


def test_only_flow_files_take_a_config(rlxc: Rlxc) -> None:
    code, _, errors = rlxc("compile", LAYER.with_suffix(".mlir"), "--config", "config.json")
    assert code == 1
    assert "takes no config" in errors


def test_recipe_with_a_config_of_hugging_face(rlxc: Rlxc, tmp_path: Path) -> None:
    about = json.loads((TESTS / "data" / "layers" / "llama_tiny.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(about["config"]))
    code, output, _ = rlxc("compile", RECIPE, "--emit=rlx", "--config", tmp_path / "config.json")
    assert code == 0
    assert "rlx.kv_append" in output


def test_recipe_with_a_config_that_is_wrong(rlxc: Rlxc, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "lama"}')
    code, _, errors = rlxc("compile", RECIPE, "--emit=rlx", "--config", tmp_path / "config.json")
    assert code == 1
    assert "llama.flow:4:19: error: unknown model type 'lama' (did you mean 'llama'?)" in errors


def test_recipe_without_a_config(rlxc: Rlxc) -> None:
    code, _, errors = rlxc("compile", RECIPE)
    assert code == 1
    assert "error: the config has no 'decoder'" in errors
