"""Attention over thousands of positions on the native target, against NumPy in float64."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import rlxc
from rlxc.diagnostics import parse_module
from rlxc.inspect.registry import make_context

Array = NDArray[Any]

HEADS, KV_HEADS, HEAD_DIM, CACHE = 4, 2, 64, 4096
ACCURACY = 2e-6

TYPES = f"tensor<1x?x{HEADS * HEAD_DIM}xf32>, tensor<1x?x{KV_HEADS * HEAD_DIM}xf32>"
ATTRIBUTES = f"num_heads = {HEADS}, num_kv_heads = {KV_HEADS}, head_dim = {HEAD_DIM}, scale = 0.125 : f64"


@cache
def prefill(mask: str, threads: int) -> Any:
    q, kv = TYPES.split(", ")
    return compiled(
        f"""
func.func @prefill(%q: {q}, %k: {kv}, %v: {kv}) -> {q} {{
  %y = rlx.attention %q, %k, %v mask({mask}) {{{ATTRIBUTES}}} : {TYPES}
  func.return %y : {q}
}}""",
        threads,
    )


@cache
def decode(threads: int) -> Any:
    q, new = TYPES.replace("?", "1").split(", ")
    cache = new.replace("1x1x", f"1x{CACHE}x")
    return compiled(
        f"""
func.func @decode(%q: {q}, %k: {new}, %v: {new}, %keys: {cache}, %values: {cache}, %position: index, %length: index)
    -> ({q}, {cache}) {{
  %all_keys = rlx.kv_append %keys, %k position(%position) : {cache}, {new}
  %all_values = rlx.kv_append %values, %v position(%position) : {cache}, {new}
  %y = rlx.attention %q, %all_keys, %all_values mask(causal) kv_length(%length) query_offset(%position)
    {{{ATTRIBUTES}}} : {q}, {cache}
  func.return %y, %all_keys : {q}, {cache}
}}""",
        threads,
    )


def compiled(text: str, threads: int) -> Any:
    return rlxc.compile(parse_module(make_context(), text), "native", threads=threads)


def normal(seed: int, length: int, heads: int) -> Array:
    return np.random.default_rng(seed).standard_normal((1, length, heads * HEAD_DIM), np.float32)


def attended(q: Array, k: Array, v: Array) -> Array:
    """One row of queries, which sees all keys."""
    q, k, v = (x.astype(np.float64).reshape(-1, x.shape[-1] // HEAD_DIM, HEAD_DIM) for x in (q, k, v))
    k, v = (x.repeat(HEADS // KV_HEADS, axis=1) for x in (k, v))
    scores = np.exp(np.einsum("hd,khd->hk", q[0], k) * 0.125)
    return np.einsum("hk,khd->hd", scores / scores.sum(axis=1, keepdims=True), v).reshape(-1)


def error(found: Array, expected: Array) -> float:
    return float(np.max(np.abs(found - expected)) / np.max(np.abs(expected)))


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("length", [1000, 2047, 4096])
@pytest.mark.parametrize(("mask", "window"), [("causal", CACHE), ("sliding<600>", 600)])
def test_prefill(mask: str, window: int, length: int, threads: int) -> None:
    q, k, v = normal(0, length, HEADS), normal(1, length, KV_HEADS), normal(2, length, KV_HEADS)
    rows = [0, 1, 599, 600, 601, length // 2, length - 2, length - 1]
    seen = [slice(max(0, row + 1 - window), row + 1) for row in rows]
    expected = [attended(q[0, row], k[0, keys], v[0, keys]) for row, keys in zip(rows, seen, strict=True)]
    y = prefill(mask, threads)(q, k, v)
    assert np.isfinite(y).all()
    assert error(y[0, rows], np.array(expected)) <= ACCURACY


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("position", [0, 1, 2047, CACHE - 1])
def test_decode(position: int, threads: int) -> None:
    q, k, v = normal(3, 1, HEADS), normal(4, 1, KV_HEADS), normal(5, 1, KV_HEADS)
    keys, values = normal(6, CACHE, KV_HEADS), normal(7, CACHE, KV_HEADS)
    y, appended = decode(threads)(q, k, v, keys, values, position, position + 1)
    keys[:, position], values[:, position] = k[:, 0], v[:, 0]
    np.testing.assert_array_equal(appended, keys)
    assert error(y[0, 0], attended(q, keys[:, : position + 1], values[:, : position + 1])) <= ACCURACY
