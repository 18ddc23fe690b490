"""The workloads as a PyTorch module."""

from __future__ import annotations

import math
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F

from bench.peers.inputs import CACHES, EPS, NORMS, Array, Arrays
from bench.peers.workload import Workload


def constant(array: Array) -> torch.nn.Parameter:
    """A weight that needs no gradient."""
    return torch.nn.Parameter(torch.from_numpy(np.ascontiguousarray(array)), requires_grad=False)


class Model(torch.nn.Module):
    """A workload; the matrices are held `[out, in]`, as `nn.Linear` does."""

    def __init__(self, workload: Workload, arrays: Arrays):
        super().__init__()
        self.workload = workload
        self.weights = torch.nn.ParameterDict({name: constant(arrays[name].T) for name in workload.weight_shapes})
        self.norms = torch.nn.ParameterDict({name: constant(arrays[name]) for name in NORMS if name in arrays})
        if workload.kind != "matmul":
            start = workload.total - workload.tokens
            self.register_buffer("cos", torch.from_numpy(arrays["cos"][start:].copy()))
            self.register_buffer("sin", torch.from_numpy(arrays["sin"][start:].copy()))
            hidden = ~torch.ones(workload.tokens, workload.total, dtype=torch.bool).tril(start)
            self.register_buffer("hidden", hidden)

    def forward(
        self, x: torch.Tensor, k_cache: torch.Tensor | None = None, v_cache: torch.Tensor | None = None
    ) -> torch.Tensor:
        """The result; the caches get the new rows."""
        if self.workload.kind == "matmul":
            return self.linear(x, "w")
        normed = self.norm(x, "n1") if self.workload.has_mlp else x
        k = self.heads(normed, "wk")
        v = k if self.workload.k_eq_v else self.heads(normed, "wv")
        q, k = self.rotated(self.heads(normed, "wq")), self.rotated(k)
        if k_cache is not None and v_cache is not None:
            k_cache[:, :, -1:], v_cache[:, :, -1:] = k, v
            k, v = k_cache, v_cache
        context = self.attention(q, k, v).transpose(1, 2).reshape(self.workload.tokens, -1)
        if not self.workload.has_mlp:
            return context
        y = x + self.linear(context, "wo")
        normed = self.norm(y, "n2")
        return y + self.linear(F.silu(self.linear(normed, "wg")) * self.linear(normed, "wu"), "wd")

    def attention(self, q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
        """The fused attention of PyTorch, unless there is a softcap, which it lacks."""
        workload, tokens, total = self.workload, self.workload.tokens, self.workload.total
        if not workload.softcap:
            return F.scaled_dot_product_attention(q, k, v, is_causal=tokens > 1, enable_gqa=True)
        kv, group, head_dim = workload.kv_heads, workload.group, workload.head_dim
        scores = (q.reshape(1, kv, -1, head_dim) @ k.transpose(-1, -2)) * workload.scale
        scores = workload.softcap * torch.tanh(scores / workload.softcap)
        masked = scores.view(1, kv, group, tokens, total).masked_fill(cast(torch.Tensor, self.hidden), -math.inf)
        return (masked.softmax(-1).view(1, kv, -1, total) @ v).view(1, workload.heads, tokens, head_dim)

    def heads(self, x: torch.Tensor, name: str) -> torch.Tensor:
        """A projection as `[1, heads, tokens, head_dim]`."""
        return self.linear(x, name).view(1, self.workload.tokens, -1, self.workload.head_dim).transpose(1, 2)

    def rotated(self, x: torch.Tensor) -> torch.Tensor:
        """Rotated by the positions of the tokens."""
        half, cos, sin = self.workload.n_rot // 2, cast(torch.Tensor, self.cos), cast(torch.Tensor, self.sin)
        a, b, rest = x[..., :half], x[..., half : 2 * half], x[..., 2 * half :]
        return torch.cat([a * cos - b * sin, b * cos + a * sin, *([rest] if rest.shape[-1] else [])], -1)

    def linear(self, x: torch.Tensor, name: str) -> torch.Tensor:
        """`x . weight`."""
        return F.linear(x, self.weights[name])

    def norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        """An RMS norm."""
        return F.rms_norm(x, (self.workload.hidden,), self.norms[name], EPS)


def arguments(arrays: Arrays) -> list[torch.Tensor]:
    """What the module is called on."""
    caches = [torch.from_numpy(arrays[name].copy())[None] for name in CACHES if name in arrays]
    return [torch.from_numpy(arrays["x"]), *caches]
