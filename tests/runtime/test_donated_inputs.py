"""Caches that a program may overwrite: written in place, in every chunk of a sequence."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rlxc
from rlxc.diagnostics import RlxcError, parse_module
from rlxc.inspect.registry import make_context

B, T, LENGTH = 2, 24, 11
NEW, CACHE = "tensor<?x?x32xf32>", "tensor<?x?x32xf32>"
NAMES = ("k0", "v0", "k1", "v1")


def program(attribute: str) -> str:
    """Two layers of attention over a cache of their own, which the program returns."""
    caches = ", ".join(f'%{name}: {CACHE} {{{attribute}rlx.dims = ["B", "T"]}}' for name in NAMES)
    layers = "".join(
        f"""
  %keys{n} = rlx.kv_append %k{n}, %x{n} position(%position) : {CACHE}, {NEW}
  %values{n} = rlx.kv_append %v{n}, %x{n} position(%position) : {CACHE}, {NEW}
  %x{n + 1} = rlx.attention %x{n}, %keys{n}, %values{n} mask(causal) kv_length(%length) query_offset(%position)
    {{num_heads = 2, num_kv_heads = 2, head_dim = 16, scale = 0.25 : f64}} : {NEW}, {CACHE}"""
        for n in range(2)
    )
    return f"""
func.func @decode(%x0: {NEW} {{rlx.dims = ["B", "S"]}}, {caches}, %position: index)
    -> ({", ".join([NEW, *[CACHE] * 4])}) {{
  %one = arith.constant 1 : index
  %rows = tensor.dim %x0, %one : {NEW}
  %length = arith.addi %position, %rows : index{layers}
  func.return %x2, %keys0, %values0, %keys1, %values1 : {", ".join([NEW, *[CACHE] * 4])}
}}"""


@cache
def compiled(target: Any, threads: int | None = None, attribute: str = "rlx.donated, ") -> Any:
    return rlxc.compile(parse_module(make_context(), program(attribute)), target, threads=threads)


def arrays(rows: int) -> list[NDArray[Any]]:
    rng = np.random.default_rng(rows)
    shapes = [(B, rows, 32), *[(B, T, 32)] * 4]
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


def attention(x: NDArray[Any], keys: NDArray[Any], values: NDArray[Any]) -> NDArray[Any]:
    """Causal attention of the last rows of a cache, two heads of 16, in float64."""
    q, k, v = (a.reshape(B, -1, 2, 16).transpose(0, 2, 1, 3) for a in (x, keys, values))
    scores = 0.25 * q @ k.swapaxes(-1, -2)
    hidden = np.arange(k.shape[2]) > np.arange(k.shape[2] - q.shape[2], k.shape[2])[:, None]
    weights = np.exp(np.where(hidden, -np.inf, scores))
    return ((weights / weights.sum(-1, keepdims=True)) @ v).transpose(0, 2, 1, 3).reshape(x.shape)


def expected(x: NDArray[Any], *caches: NDArray[Any]) -> list[NDArray[Any]]:
    y, written = x.astype(np.float64), [one.astype(np.float64) for one in caches]
    end = LENGTH + x.shape[1]
    for keys, values in (written[:2], written[2:]):
        keys[:, LENGTH:end] = values[:, LENGTH:end] = y
        y = attention(y, keys[:, :end], values[:, :end])
    return [y, *written]


def assert_close(found: Any, wanted: list[NDArray[Any]]) -> None:
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=2e-6 * np.abs(other).max())


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("rows", [1, 7])
def test_native_code_returns_the_caches_that_it_was_given(rows: int, threads: int) -> None:
    x, *caches = arrays(rows)
    wanted = expected(x, *caches)
    found = compiled("native", threads)(x, *caches, LENGTH)
    assert all(one is given for one, given in zip(found[1:], caches, strict=True))
    assert_close(found, wanted)


@pytest.mark.parametrize("rows", [1, 7])
def test_numpy_code_returns_the_caches_that_it_was_given(rows: int) -> None:
    x, *caches = arrays(rows)
    wanted = expected(x, *caches)
    found = compiled("numpy")(x, *caches, LENGTH)
    assert all(one is given for one, given in zip(found[1:], caches, strict=True))
    assert_close(found, wanted)
    assert ".copy()" not in compiled("numpy").source


@pytest.mark.parametrize("target", ["native", "numpy", "reference"])
@pytest.mark.parametrize("rows", [1, 7])
def test_caches_that_are_not_donated_stay(rows: int, target: str) -> None:
    given = arrays(rows)
    before = [one.copy() for one in given]
    found = compiled(target, attribute="")(*given, LENGTH)
    assert_close(found, expected(*before))
    assert not any(np.shares_memory(one, other) for one in found for other in given)
    for one, other in zip(given, before, strict=True):
        np.testing.assert_array_equal(one, other)


def test_no_memory_and_no_copy_for_a_cache() -> None:
    head = next(line for line in compiled("native").source.splitlines() if "func.func @decode(" in line)
    for result, name in enumerate(NAMES, 1):
        assert f'rlx.name = "{name}", rlx.donated' in head
        assert f"rlx.holds_result = {result} : i64" in head
    assert all(f"%{kind}{n}: memref" not in head for kind in ("keys", "values") for n in range(2))


@pytest.mark.parametrize("target", ["native", "numpy"])
def test_the_same_array_for_two_caches(target: str) -> None:
    x, k0, _, k1, v1 = arrays(1)
    with pytest.raises(RlxcError, match="'k0' is written to: it must not share memory with 'v0'"):
        compiled(target)(x, k0, k0, k1, v1, LENGTH)


def reversed_rows(one: NDArray[Any]) -> NDArray[Any]:
    return one[:, ::-1]


def read_only(one: NDArray[Any]) -> NDArray[Any]:
    return np.broadcast_to(one, one.shape)


def doubles(one: NDArray[Any]) -> NDArray[Any]:
    return one.astype(np.float64)


@pytest.mark.parametrize("target", ["native", "numpy"])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (reversed_rows, "'k0' is written to: it must be a contiguous, writeable array"),
        (read_only, "'k0' is written to: it must be a contiguous, writeable array"),
        (doubles, "'k0' has dtype float64, expected float32"),
    ],
)
def test_caches_that_cannot_be_written(
    change: Callable[[NDArray[Any]], NDArray[Any]], message: str, target: str
) -> None:
    x, k0, *others = arrays(1)
    with pytest.raises(RlxcError, match=message):
        compiled(target)(x, change(k0), *others, LENGTH)
