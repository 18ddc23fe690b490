"""What a workload has to give: float64, one head after the other, as plainly as it can be written."""

from __future__ import annotations

import numpy as np

from bench.peers.inputs import EPS, Array, Arrays, rope_angles
from bench.peers.workload import Workload


def reference(workload: Workload, arrays: Arrays) -> Arrays:
    """`y`, and for a decode step the new rows `k_new` and `v_new`, both `[kv_heads, head_dim]`."""
    exact = {name: array.astype(np.float64) for name, array in arrays.items()}
    x = exact["x"]
    if workload.kind == "matmul":
        return {"y": x @ exact["w"]}
    if workload.kind == "experts":
        return {"y": np.stack([chosen_experts(workload, exact, row) for row in x])}
    normed = rms_norm(x, exact["n1"]) if workload.has_mlp else x
    keys, values = keys_and_values(workload, exact, normed)
    context = attention(workload, normed @ exact["wq"], keys, values)
    if not workload.has_mlp:
        return {"y": context}
    y = x + context @ exact["wo"]
    result = {"y": y + mlp(exact, rms_norm(y, exact["n2"]))}
    if workload.kind == "decode":
        result |= {"k_new": keys[:, -1], "v_new": values[:, -1]}
    return result


def keys_and_values(workload: Workload, exact: Arrays, x: Array) -> tuple[Array, Array]:
    """All rotated keys and all values, `[kv_heads, total, head_dim]`."""
    projected = x @ exact["wk"]
    keys = np.stack([rotated(workload, head) for head in heads(workload, projected)])
    values = heads(workload, projected if workload.k_eq_v else x @ exact["wv"])
    if workload.kind == "decode":
        keys = np.concatenate([exact["kc"][:, :-1], keys], axis=1)
        values = np.concatenate([exact["vc"][:, :-1], values], axis=1)
    return keys, values


def attention(workload: Workload, projected: Array, keys: Array, values: Array) -> Array:
    """Causal attention of the queries, heads side by side."""
    context: list[Array] = []
    for index, head in enumerate(heads(workload, projected)):
        k, v = keys[index // workload.group], values[index // workload.group]
        scores = rotated(workload, head) @ k.T * workload.scale
        if workload.softcap:
            scores = workload.softcap * np.tanh(scores / workload.softcap)
        context.append(np.stack([visible_mean(workload, row, scores[row], v) for row in range(workload.tokens)]))
    return np.concatenate(context, axis=1)


def visible_mean(workload: Workload, row: int, scores: Array, values: Array) -> Array:
    """The mean of the values that query `row` sees, weighted by the softmax of its scores."""
    seen = workload.total - workload.tokens + row + 1
    weights = np.exp(scores[:seen] - scores[:seen].max())
    return weights @ values[:seen] / weights.sum()


def mlp(exact: Arrays, x: Array) -> Array:
    """`(silu(x . wg) * (x . wu)) . wd`."""
    gate = x @ exact["wg"]
    return (gate / (1 + np.exp(-gate)) * (x @ exact["wu"])) @ exact["wd"]


def chosen_experts(workload: Workload, exact: Arrays, x: Array) -> Array:
    """The experts that one token chooses, weighted by the softmax of their logits."""
    logits = x @ exact["router"]
    chosen = np.argsort(-logits)[: workload.chosen]
    gates = np.exp(logits[chosen] - logits[chosen].max())
    names = ("wg", "wu", "wd")
    own = ({name: np.split(exact[name], workload.experts, axis=1)[expert] for name in names} for expert in chosen)
    return np.sum([gate * mlp(weights, x) for gate, weights in zip(gates, own, strict=True)], axis=0) / gates.sum()


def rms_norm(x: Array, gain: Array) -> Array:
    """`x / rms(x) * gain`."""
    return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + EPS) * gain


def heads(workload: Workload, x: Array) -> Array:
    """`[tokens, heads * head_dim]` as `[heads, tokens, head_dim]`."""
    return x.reshape(workload.tokens, -1, workload.head_dim).transpose(1, 0, 2)


def rotated(workload: Workload, head: Array) -> Array:
    """One head `[tokens, head_dim]`, rotated by the positions of the last tokens."""
    half, angles = workload.n_rot // 2, rope_angles(workload)[-workload.tokens :]
    a, b, rest = np.split(head, [half, 2 * half], axis=1)
    cos, sin = np.cos(angles), np.sin(angles)
    return np.concatenate([a * cos - b * sin, b * cos + a * sin, rest], axis=1)
