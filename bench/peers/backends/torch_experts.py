"""A mixture of experts as a PyTorch module, written as model libraries do: a loop over the experts that were chosen."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from bench.peers.backends.torch_model import constant
from bench.peers.inputs import Arrays
from bench.peers.workload import Workload


class Experts(torch.nn.Module):
    """The weights of all experts are stacked, `[E, 2 I, H]` and `[E, H, I]`."""

    def __init__(self, workload: Workload, arrays: Arrays):
        super().__init__()
        self.chosen = workload.chosen
        gate, up, down = (
            arrays[name].reshape(len(arrays[name]), workload.experts, -1).transpose(1, 2, 0)
            for name in ("wg", "wu", "wd")
        )
        self.router = constant(arrays["router"].T)
        self.gate_up = torch.nn.Parameter(torch.cat([constant(gate), constant(up)], dim=1), requires_grad=False)
        self.down = constant(down)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The weighted sum of the chosen experts."""
        gates, chosen = torch.topk(F.linear(x, self.router).softmax(-1), self.chosen, dim=-1)
        gates = gates / gates.sum(-1, keepdim=True)
        result = torch.zeros_like(x)
        for expert in chosen.unique().tolist():
            rows, place = torch.where(chosen == expert)
            gate, up = F.linear(x[rows], self.gate_up[expert]).chunk(2, dim=-1)
            out = F.linear(F.silu(gate) * up, self.down[expert])
            result.index_add_(0, rows, out * gates[rows, place, None])
        return result
