"""Programs printed as NumPy modules, and the modules executed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects import get_all_dialects
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser
from xdsl.transforms.canonicalize import CanonicalizePass
from xdsl.transforms.common_subexpression_elimination import CommonSubexpressionElimination

from rlxc.dialects.rlx import RLX, ParamOp
from rlxc.dialects.rlx.reference import evaluate
from rlxc.numpy_backend import emit_numpy, entry_name
from rlxc.passes.lowering.convert_rlx_to_linalg import ConvertRlxToLinalgPass
from rlxc.passes.lowering.params_to_args import RlxParamsToArgsPass

Array = NDArray[Any]
Weights = Mapping[str, Array]

ERROR = {"f32": 2e-6, "f64": 1e-13}
"""The greatest error by element type, relative to the largest number of the reference."""


@dataclass(frozen=True)
class Printed:
    """A printed module: its text, and the text executed."""

    source: str
    entry: str

    @property
    def variables(self) -> dict[str, Any]:
        """What the module defines."""
        variables: dict[str, Any] = {}
        exec(compile(self.source, "<printed>", "exec"), variables)
        return variables

    @property
    def body(self) -> list[str]:
        """The lines of the entry function, without its docstring and its comments."""
        lines = self.source[self.source.index(f"def {self.entry}(") :].splitlines()[1:]
        return [line.strip() for line in lines if line.strip() and not line.strip().startswith(("#", '"""'))]

    def __call__(self, *inputs: Array | int, weights: Weights | None = None) -> tuple[Array, ...]:
        """The results; that the inputs and the weights are left as they are is asserted."""
        variables, weights = self.variables, weights or {}
        arrays = [value for value in (*inputs, *weights.values()) if isinstance(value, np.ndarray)]
        before = [array.tobytes() for array in arrays]
        results: Any = variables[self.entry](*inputs, variables["load"](weights))
        assert [array.tobytes() for array in arrays] == before, "inputs have changed"
        return cast("tuple[Array, ...]", results) if isinstance(results, tuple) else (results,)


def parse(text: str) -> ModuleOp:
    """A module from its text, with all dialects of xDSL and `rlx`."""
    context = Context()
    for name, dialect in get_all_dialects().items():
        context.register_dialect(name, dialect)
    context.register_dialect("rlx", lambda: RLX)
    module = Parser(context, text, "test.mlir").parse_module()
    module.verify()
    return module


def lowered(module: ModuleOp, scores_limit: int = 1 << 22) -> ModuleOp:
    """A copy of a module at the numpy level."""
    module = module.clone()
    for step in (
        RlxParamsToArgsPass(),
        ConvertRlxToLinalgPass(scores_limit=scores_limit, keep_experts=True),
        CanonicalizePass(),
        CommonSubexpressionElimination(),
    ):
        step.apply(Context(), module)
    module.verify()
    return module


def printed(text: str) -> Printed:
    """The NumPy code of a program that is at the linalg level already."""
    module = parse(text)
    return Printed(emit_numpy(module), entry_name(module))


@cache
def printed_rlx(text: str, scores_limit: int = 1 << 22) -> Printed:
    """The NumPy code of a program at the rlx level."""
    module = lowered(parse(text), scores_limit)
    return Printed(emit_numpy(module), entry_name(module))


def error(
    text: str, inputs: Sequence[Array | int], weights: Weights | None = None, scores_limit: int = 1 << 22
) -> float:
    """The largest error of the NumPy code of a program at the rlx level, relative to the reference in float64."""
    found = printed_rlx(text, scores_limit)(*inputs, weights=weights)
    expected = evaluate(parse(text), inputs, params=lambda op: _value(op, weights or {}))
    return max(relative_error(ours, theirs) for ours, theirs in zip(found, expected, strict=True))


def relative_error(found: Array, expected: Array) -> float:
    """The largest difference relative to the largest element."""
    assert found.shape == expected.shape
    if not found.size:
        return 0.0
    return float(np.max(np.abs(found - expected)) / (np.max(np.abs(expected)) or 1.0))


def _value(op: ParamOp, weights: Weights) -> Array:
    stored = [weights[key] for key in op.key_names]
    joined = np.concatenate(stored, 0 if op.transposed is not None else -1)
    return joined.T if op.transposed is not None else joined
