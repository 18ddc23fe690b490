"""The workloads by name. Those that begin with `tiny` serve to try a backend; they are run only when asked for."""

from __future__ import annotations

import re
from typing import Any

from bench.peers.workload import Workload

LLAMA: dict[str, Any] = {"hidden": 2048, "heads": 32, "kv_heads": 8, "head_dim": 64, "n_rot": 64, "theta": 5e5}
QWEN: dict[str, Any] = {"hidden": 1024, "heads": 16, "kv_heads": 8, "head_dim": 128, "n_rot": 128, "theta": 1e6}
GEMMA: dict[str, Any] = {"hidden": 1536, "heads": 8, "kv_heads": 1, "head_dim": 256, "n_rot": 64, "theta": 1e6}
EXPERTS: dict[str, Any] = {"hidden": 2048, "intermediate": 768, "experts": 32, "chosen": 4}
TINY: dict[str, Any] = {"hidden": 64, "heads": 4, "kv_heads": 2, "head_dim": 16, "n_rot": 16}

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("attention-llama-128", "attention", 128, **LLAMA),
        Workload("attention-llama-512", "attention", 512, **LLAMA),
        Workload("attention-qwen-128", "attention", 128, **QWEN),
        Workload("attention-gemma-128", "attention", 128, **GEMMA, softcap=50.0, k_eq_v=True),
        Workload("layer-llama-128", "layer", 128, **LLAMA, intermediate=8192),
        Workload("layer-llama-512", "layer", 512, **LLAMA, intermediate=8192),
        Workload("decode-llama-512", "decode", 1, **LLAMA, intermediate=8192, cache=512),
        Workload("decode-llama-4096", "decode", 1, **LLAMA, intermediate=8192, cache=4096),
        Workload("matmul-128x2048x2048", "matmul", 128, 2048, intermediate=2048),
        Workload("matmul-512x2048x8192", "matmul", 512, 2048, intermediate=8192),
        Workload("matmul-2048x2048x2048", "matmul", 2048, 2048, intermediate=2048),
        Workload("matvec-2048x8192", "matmul", 1, 2048, intermediate=8192),
        Workload("experts-128", "experts", 128, **EXPERTS),
        Workload("experts-512", "experts", 512, **EXPERTS),
        Workload("experts-decode", "experts", 1, **EXPERTS),
        Workload("tiny-attention", "attention", 8, **TINY),
        Workload("tiny-gemma", "attention", 8, 64, 4, 1, 32, n_rot=16, softcap=5.0, k_eq_v=True),
        Workload("tiny-layer", "layer", 8, **TINY, intermediate=128),
        Workload("tiny-decode", "decode", 1, **TINY, intermediate=128, cache=16),
        Workload("tiny-matmul", "matmul", 8, 64, intermediate=96),
        Workload("tiny-experts", "experts", 8, 64, intermediate=32, experts=4, chosen=2),
    )
}


def select(patterns: str) -> list[Workload]:
    """The workloads whose names begin with one of the comma-separated regular expressions; by default all not tiny."""
    wanted = patterns.split(",") if patterns else ["(?!tiny)"]
    return [one for one in WORKLOADS.values() if any(re.match(pattern, one.name) for pattern in wanted)]
