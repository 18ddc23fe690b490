"""Declaring and building flows."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.dialects.builtin import FileLineColLoc, NameLoc
from xdsl.dialects.func import FuncOp
from xdsl.printer import Printer

from rlxc import ModelFlow, RlxcError
from rlxc.dialects.rlx import MatmulOp, RmsNormOp
from rlxc.stages import Linear, ResidualAdd, ResidualSave, RmsNorm, RopeTables
from rlxc.weights import MappingWeights
from weight_files import save_safetensors

Array = NDArray[Any]

WEIGHTS = {"out.weight": np.ones((8, 4), np.float32), "norm.weight": np.ones(4, np.float32)}
FLOW = (
    ModelFlow("block")
    .input("x", ("B", "S", 4))
    .stage(RmsNorm("norm.weight", 1e-5))
    .stage(Linear("out.weight"))
)  # fmt: skip


def test_module() -> None:
    built = FLOW.input("mask", ("B", 3), dtype="i1").build(WEIGHTS)
    assert str(built.module) == str(built)
    assert str(built).splitlines()[1] == (
        '  func.func @block(%x: tensor<?x?x4xf32> {rlx.name = "x", rlx.dims = ["B", "S"]}, '
        '%mask: tensor<?x3xi1> {rlx.name = "mask", rlx.dims = ["B"]}) -> tensor<?x?x8xf32> {'
    )
    assert (built.name, [declared.name for declared in built.inputs]) == ("block", ["x", "mask"])


def test_params_are_those_in_use_in_the_type_of_the_flow() -> None:
    built = FLOW.build({**WEIGHTS, "norm.weight": np.ones(4, np.float16), "other": np.ones(3)})
    assert set(built.params) == set(WEIGHTS)
    assert built.params["norm.weight"].dtype == np.float32
    double = ModelFlow("block").input("x", (2, 3, 4), dtype="f64").stage(Linear("out.weight")).build(WEIGHTS)
    assert double.params["out.weight"].dtype == np.float64
    assert "tensor<2x3x8xf64>" in str(double)


def test_every_kind_of_weights(tmp_path: Path) -> None:
    save_safetensors(tmp_path / "a.safetensors", WEIGHTS)
    np.savez(tmp_path / "a.npz", allow_pickle=False, **WEIGHTS)
    sources: list[Any] = [MappingWeights(WEIGHTS), tmp_path / "a.safetensors", str(tmp_path / "a.npz")]
    for source in sources:
        assert str(FLOW.build(source)) == str(FLOW.build(WEIGHTS))


def test_chaining_leaves_the_flow_as_it_is() -> None:
    base = ModelFlow("block").input("x", ("B", "S", 4))
    one, other = base.stage(RmsNorm("norm.weight")), base.stage(Linear("out.weight"))
    assert "rms_norm" in str(one.build(WEIGHTS))
    assert "rms_norm" not in str(other.build(WEIGHTS))
    assert base.steps == ()


def test_a_flow_can_be_built_again() -> None:
    assert str(FLOW.build(WEIGHTS)) == str(FLOW.build(WEIGHTS))


def test_stages_without_operations_pass_the_input_on() -> None:
    built = ModelFlow("same").input("x", ("B", "S", 4)).build()
    assert [op.name for op in built.module.walk()] == ["builtin.module", "func.func", "func.return"]


def test_operations_carry_their_stage_and_its_place() -> None:
    module = FLOW.build(WEIGHTS).module
    (norm,) = (op for op in module.walk() if isinstance(op, RmsNormOp))
    assert isinstance(norm.location, NameLoc)
    assert norm.location.desc.data == "RmsNorm(norm)"
    place = norm.location.location
    assert isinstance(place, FileLineColLoc)
    assert place.filename.data == __file__
    source_line = Path(__file__).read_text().splitlines()[place.line.data - 1]
    assert source_line[place.column.data - 1 :].startswith("stage(RmsNorm(")
    text = StringIO()
    Printer(text, print_debuginfo=True).print_op(module)
    assert 'loc("Linear(out)"("' in text.getvalue()


def test_each_of_several_stages_is_named() -> None:
    flow = ModelFlow("block").input("x", ("B", "S", 4)).stages([RmsNorm(None), Linear("out.weight")])
    located = {type(op): op.location for op in flow.build(WEIGHTS).module.walk()}
    names = [loc.desc.data for kind in (RmsNormOp, MatmulOp) if isinstance(loc := located[kind], NameLoc)]
    assert names == ["RmsNorm", "Linear(out)"]


def test_function_name_is_the_name_of_the_flow() -> None:
    (function,) = (op for op in FLOW.build(WEIGHTS).module.walk() if isinstance(op, FuncOp))
    assert function.sym_name.data == "block"


@pytest.mark.parametrize("name", ["", "my-layer", "3d", "lambda", "a b", "é", None])
def test_names_are_identifiers(name: Any) -> None:
    with pytest.raises(RlxcError, match="the name of a flow must be an identifier"):
        ModelFlow(name)
    with pytest.raises(RlxcError, match="the name of an input must be an identifier"):
        ModelFlow("block").input(name, (1,))


INPUTS: dict[str, tuple[Any, str]] = {
    "twice": (("x", (1, 2, 4)), "the flow has an input 'x' already"),
    "unknown dtype": (("y", (1,), "f23"), r"input 'y': unknown dtype 'f23' \(did you mean 'f32'\?\)"),
    "NumPy dtype": (("y", (1,), np.float32), "input 'y': unknown dtype <class"),
    "zero": (("y", ("B", 0)), "input 'y': a size must be a positive integer or a name, got 0"),
    "negative": (("y", (-1, 4)), "got -1"),
    "fraction": (("y", (1.5,)), "got 1.5"),
    "none": (("y", (None, 4)), "got None"),
    "no identifier": (("y", ("?", 4)), "input 'y': the name of a size must be an identifier, got '\\?'"),
    "a string": (("y", "BS"), "input 'y': the shape must be a tuple, got 'BS'"),
    "a number": (("y", 4), "input 'y': the shape must be a tuple, got 4"),
}


@pytest.mark.parametrize("case", INPUTS)
def test_wrong_inputs(case: str) -> None:
    arguments, problem = INPUTS[case]
    with pytest.raises(RlxcError, match=problem):
        ModelFlow("block").input("x", ("B", "S", 4)).input(*arguments)


def test_no_input() -> None:
    with pytest.raises(RlxcError, match="flow 'block' has no input") as caught:
        ModelFlow("block").stage(RmsNorm(None)).build()
    assert caught.value.hint == 'declare what it takes: .input("x", ("B", "S", 2048))'


def test_errors_name_stage_and_place() -> None:
    flow = FLOW.stage(ResidualSave()).stage(Linear("mising.weight"))
    with pytest.raises(RlxcError) as caught:
        flow.stage(ResidualAdd()).build({**WEIGHTS, "missing.weight": np.ones((8, 8), np.float32)})
    assert caught.value.message == (
        "Linear(mising): key: there is no weight 'mising.weight' in the given weights (did you mean 'missing.weight'?)"
    )
    place = caught.value.location
    assert place is not None
    assert place.file == __file__
    assert "mising" in caught.value.render().splitlines()[1]


def test_tables_alone_need_no_weights() -> None:
    tables = RopeTables(theta=1e4, n_rot=8, max_positions=4)
    assert ModelFlow("same").input("x", ("B", "S", 4)).stage(tables).build().params == {}
