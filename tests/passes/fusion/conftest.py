"""Programs before and after passes, on the reference in float64."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from xdsl.context import Context
from xdsl.dialects.builtin import DYNAMIC_INDEX, IndexType, ModuleOp, TensorType, i1
from xdsl.dialects.func import FuncOp
from xdsl.ir import BlockArgument
from xdsl.passes import PassPipeline
from xdsl.universe import XDSL_UNIVERSE
from xdsl.utils.hints import isa

from rlxc.diagnostics import parse_module
from rlxc.dialects.rlx import ParamOp
from rlxc.dialects.rlx.reference import evaluate
from rlxc.passes.arguments import dim_names
from rlxc.passes.pipelines import PIPELINES
from rlxc.universe import RLX_UNIVERSE

Array = NDArray[Any]
Sizes = Mapping[str, int]
"""The values of index arguments, and of dynamic dimensions by their names in `rlx.dims`."""

ANY_SIZE = 5
"""The value of those that are not given."""


@pytest.fixture(scope="session")
def context() -> Context:
    known = Context()
    for name, dialect in (XDSL_UNIVERSE.all_dialects | RLX_UNIVERSE.all_dialects).items():
        known.register_dialect(name, dialect)
    return known


@pytest.fixture(scope="session")
def parse(context: Context) -> Callable[[str], ModuleOp]:
    """The verified module that a text holds, with locations in a file of that name."""
    return lambda text: parse_module(context, text, "program.mlir")


@pytest.fixture(scope="session")
def after(context: Context) -> Callable[[ModuleOp, str], ModuleOp]:
    """A verified copy of a module after passes, or after a named pipeline."""

    def run(module: ModuleOp, pipeline: str) -> ModuleOp:
        copy = module.clone()
        passes = PIPELINES[pipeline].passes if pipeline in PIPELINES else pipeline
        PassPipeline.parse_spec(XDSL_UNIVERSE.all_passes | RLX_UNIVERSE.all_passes, passes).apply(context, copy)
        copy.verify()
        return copy

    return run


@pytest.fixture(scope="session")
def error() -> Callable[[ModuleOp, ModuleOp, str, Sizes], float]:
    """The largest difference between what two programs compute, relative to the largest element of the result."""

    def compare(before: ModuleOp, after: ModuleOp, function: str, sizes: Sizes) -> float:
        old_function, new_function = (_function(module, function) for module in (before, after))
        weights = Weights(old_function, new_function)
        args = [_input(argument, sizes) for argument in old_function.body.block.args]
        old, new = (evaluate(module, args, params=weights.value, function=function) for module in (before, after))
        return max(_relative_error(*pair) for pair in zip(old, new, strict=True))

    return compare


class Weights:
    """Random weights for the parameters of some functions; equal content digests hold equal values."""

    def __init__(self, *functions: FuncOp) -> None:
        params = [op for function in functions for op in function.walk() if isinstance(op, ParamOp)]
        self.values = {(param.key_names, param.transposed is not None): _random(param) for param in params}

    def value(self, param: ParamOp) -> Array:
        """The value of a parameter; that of several keys holds those of fewer keys side by side, if they are known."""
        return np.concatenate(list(self._parts(param.key_names, param.transposed is not None)), axis=-1)

    def _parts(self, keys: tuple[str, ...], transposed: bool) -> Iterator[Array]:
        while keys:
            count = next(n for n in range(1, len(keys) + 1) if (keys[:n], transposed) in self.values)
            yield self.values[keys[:count], transposed]
            keys = keys[count:]


def _function(module: ModuleOp, name: str) -> FuncOp:
    return next(op for op in module.walk() if isinstance(op, FuncOp) and op.sym_name.data == name)


def _random(param: ParamOp) -> Array:
    content = (param.key_names if param.digest is None else param.digest.data, param.transposed is not None)
    return _rng(repr(content)).standard_normal(param.result.type.get_shape()) / 4


def _input(argument: BlockArgument, sizes: Sizes) -> Array | int:
    """An input that depends on the name and the shape of the argument alone."""
    hint = argument.name_hint or "input"
    if argument.type == IndexType():
        return sizes.get(hint, ANY_SIZE)
    assert isa(argument.type, TensorType)
    names = dim_names(argument)
    known = [sizes.get(names.get(axis, ""), ANY_SIZE) for axis in range(argument.type.get_num_dims())]
    shape = [known[axis] if size == DYNAMIC_INDEX else size for axis, size in enumerate(argument.type.get_shape())]
    return _rng(hint).random(shape) < 0.8 if argument.type.element_type == i1 else _rng(hint).standard_normal(shape)


def _rng(name: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(name.encode()))


def _relative_error(expected: Array, computed: Array) -> float:
    return float(np.max(np.abs(expected - computed)) / np.max(np.abs(expected)))
