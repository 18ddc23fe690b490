"""The workloads in the functions that NumPy and `jax.numpy` share."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.peers.inputs import EPS
from bench.peers.workload import Workload

RESULTS = ("y", "k_new", "v_new")


def functional(xp: Any, workload: Workload, p: dict[str, Any]) -> tuple[Any, ...]:
    """The results in the order of `RESULTS`; matmuls are batched over key/value heads."""
    if workload.kind == "matmul":
        return (p["x"] @ p["w"],)
    x = p["x"]
    q, k, v = projections(xp, workload, p, rms_norm(xp, x, p["n1"]) if workload.has_mlp else x)
    new: tuple[Any, ...] = ()
    if workload.kind == "decode":
        new = (k[:, 0], v[:, 0])
        k = xp.concatenate([p["kc"][:, :-1], k], axis=1)
        v = xp.concatenate([p["vc"][:, :-1], v], axis=1)
    context = attention(xp, workload, q, k, v)
    if not workload.has_mlp:
        return (context,)
    y = x + context @ p["wo"]
    normed = rms_norm(xp, y, p["n2"])
    gate = normed @ p["wg"]
    y = y + (gate / (1.0 + xp.exp(-gate)) * (normed @ p["wu"])) @ p["wd"]
    return (y, *new)


def rms_norm(xp: Any, x: Any, gain: Any) -> Any:
    """`x / rms(x) * gain`."""
    return x * (1.0 / xp.sqrt(xp.mean(x * x, axis=-1, keepdims=True) + EPS)) * gain


def projections(xp: Any, workload: Workload, p: dict[str, Any], x: Any) -> tuple[Any, Any, Any]:
    """Q, K and V as `[heads, tokens, head_dim]`, Q and K rotated."""
    half, start = workload.n_rot // 2, workload.total - workload.tokens
    cos, sin = p["cos"][start:], p["sin"][start:]

    def heads(t: Any) -> Any:
        return t.reshape(workload.tokens, -1, workload.head_dim).transpose(1, 0, 2)

    def rotated(t: Any) -> Any:
        a, b, rest = t[..., :half], t[..., half : 2 * half], t[..., 2 * half :]
        return xp.concatenate([a * cos - b * sin, b * cos + a * sin, rest], axis=-1)

    k = heads(x @ p["wk"])
    v = k if workload.k_eq_v else heads(x @ p["wv"])
    return rotated(heads(x @ p["wq"])), rotated(k), v


def attention(xp: Any, workload: Workload, q: Any, k: Any, v: Any) -> Any:
    """Causal attention, heads side by side."""
    kv, group, tokens, total = workload.kv_heads, workload.group, workload.tokens, workload.total
    scores = xp.matmul(q.reshape(kv, group * tokens, -1), k.transpose(0, 2, 1)) * np.float32(workload.scale)
    if workload.softcap:
        scores = xp.tanh(scores * np.float32(1 / workload.softcap)) * np.float32(workload.softcap)
    scores = scores.reshape(kv, group, tokens, total)
    if tokens > 1:
        visible = xp.arange(tokens)[:, None] >= xp.arange(total)[None, :]
        scores = xp.where(visible, scores, np.float32(-np.inf))
    weights = xp.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = weights / weights.sum(axis=-1, keepdims=True)
    context = xp.matmul(weights.reshape(kv, group * tokens, total), v)
    return context.reshape(workload.heads, tokens, -1).transpose(1, 0, 2).reshape(tokens, -1)
