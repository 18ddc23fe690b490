"""The printed NumPy code of a Llama attention layer against NumPy code written by hand, and what compiling costs.

    python bench/numpy_layer.py            # everything
    python bench/numpy_layer.py --memory   # only the extra peak memory at 4096 tokens

The layer: hidden size 2048, 32 heads of 64, 8 key/value heads, rotary embedding, causal, one output
projection. Both sides get the same weights, run in turns, and are compared by the median of their
times. By hand there are two versions: one with all scores at once, one with blocks of queries; the
ratio is to the faster of the two. The exit code is 1 if a bound is exceeded.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

import rlxc
from rlxc.stages import Linear, RopeTables, SelfAttnPrefill, SelfAttnPrefillSpec

Array = NDArray[Any]

HIDDEN, HEADS, KV_HEADS, HEAD_DIM = 2048, 32, 8, 64
GROUP = HEADS // KV_HEADS
LENGTHS = (128, 512)
REPEATS = 31
MEMORY_LENGTH = 4096
EXAMPLE = Path(__file__).parent.parent / "examples" / "llama_layer.mlir"

MOST_RATIO = 1.1
"""The time of printed code relative to code by hand."""
MOST_MEGABYTES = 300
"""The extra peak memory at 4096 tokens."""
MOST_SECONDS = {"compile": 2.0, "help": 0.3}
"""The time of whole commands, in new processes."""

PREFIX = "model.layers.0"
SIZES = {"q": HEADS * HEAD_DIM, "k": KV_HEADS * HEAD_DIM, "v": KV_HEADS * HEAD_DIM}


def layer_weights() -> dict[str, Array]:
    """Random weights, stored `[out, in]`."""
    random = np.random.default_rng(0)
    shapes = {f"{PREFIX}.self_attn.{name}_proj.weight": (size, HIDDEN) for name, size in SIZES.items()}
    shapes[f"{PREFIX}.self_attn.o_proj.weight"] = (HIDDEN, HEADS * HEAD_DIM)
    return {key: (random.standard_normal(shape) / 45).astype(np.float32) for key, shape in shapes.items()}


def compiled(weights: Mapping[str, Array]) -> rlxc.CompiledFunction:
    """The layer from stages, on the target `numpy`."""
    spec = SelfAttnPrefillSpec.hf_layer(PREFIX, num_heads=HEADS, head_dim=HEAD_DIM, num_kv_heads=KV_HEADS)
    flow = (
        rlxc.ModelFlow("attn")
        .input("x", ("B", "S", HIDDEN))
        .stage(RopeTables(theta=500000.0, n_rot=HEAD_DIM, max_positions=MEMORY_LENGTH))
        .stage(SelfAttnPrefill(spec))
        .stage(Linear(f"{PREFIX}.self_attn.o_proj.weight", transpose=True))
    )
    return rlxc.compile(flow.build(weights), target="numpy")


class ByHand:
    """The layer as someone who knows NumPy well writes it."""

    def __init__(self, weights: Mapping[str, Array]):
        self.w_qkv = np.concatenate([weights[f"{PREFIX}.self_attn.{name}_proj.weight"] for name in SIZES]).T
        self.w_out = weights[f"{PREFIX}.self_attn.o_proj.weight"].T
        frequency = 500000.0 ** (-np.arange(HEAD_DIM // 2) / (HEAD_DIM // 2))
        angle = np.outer(np.arange(MEMORY_LENGTH), frequency)
        self.cos, self.sin = np.cos(angle).astype(np.float32)[:, None], np.sin(angle).astype(np.float32)[:, None]

    def at_once(self, x: Array) -> Array:
        """All scores in one array."""
        q, k, v = self.projected(x)
        seq = x.shape[1]
        scores = q @ k
        scores *= HEAD_DIM**-0.5
        np.copyto(scores, -np.inf, where=~np.tri(seq, dtype=np.bool_))
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        scores /= scores.sum(axis=-1, keepdims=True)
        return (scores @ v).transpose(0, 3, 1, 2, 4).reshape(*x.shape[:2], -1) @ self.w_out

    def in_blocks(self, x: Array, rows: int = 64) -> Array:
        """Blocks of queries, each with the keys that it sees."""
        q, k, v = self.projected(x)
        seq = x.shape[1]
        context = np.empty((*x.shape[:2], KV_HEADS, GROUP, HEAD_DIM), np.float32)
        for start in range(0, seq, rows):
            end = min(start + rows, seq)
            scores = q[..., start:end, :] @ k[..., :end]
            scores *= HEAD_DIM**-0.5
            np.copyto(scores, -np.inf, where=np.arange(end) > np.arange(start, end)[:, None])
            scores -= scores.max(axis=-1, keepdims=True)
            np.exp(scores, out=scores)
            total = scores.sum(axis=-1, keepdims=True)
            context[:, start:end] = ((scores @ v[..., :end, :]) / total).transpose(0, 3, 1, 2, 4)
        return context.reshape(*x.shape[:2], -1) @ self.w_out

    def projected(self, x: Array) -> tuple[Array, Array, Array]:
        """Queries `[B, KV, G, S, D]`, keys `[B, KV, 1, D, S]`, values `[B, KV, 1, S, D]`."""
        qkv = (x @ self.w_qkv).reshape(*x.shape[:2], HEADS + 2 * KV_HEADS, HEAD_DIM)
        q, k, v = np.split(qkv, [HEADS, HEADS + KV_HEADS], axis=2)
        q = self.rotated(q).reshape(*x.shape[:2], KV_HEADS, GROUP, HEAD_DIM).transpose(0, 2, 3, 1, 4)
        return q, self.rotated(k).transpose(0, 2, 3, 1)[:, :, None], v.transpose(0, 2, 1, 3)[:, :, None]

    def rotated(self, x: Array) -> Array:
        """The rotary embedding of `[B, S, H, D]`."""
        cos, sin = self.cos[: x.shape[1]], self.sin[: x.shape[1]]
        a, b = x[..., : HEAD_DIM // 2], x[..., HEAD_DIM // 2 :]
        return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


def inputs(seq: int) -> Array:
    """One sequence."""
    return np.random.default_rng(seq).standard_normal((1, seq, HIDDEN)).astype(np.float32)


def medians(functions: Mapping[str, Callable[[Array], object]], x: Array) -> dict[str, float]:
    """The median time of each function in milliseconds; they run in turns."""
    times: dict[str, list[float]] = {name: [] for name in functions}
    for function in functions.values():
        function(x)
    for _ in range(REPEATS):
        for name, function in functions.items():
            start = time.perf_counter()
            function(x)
            times[name].append(time.perf_counter() - start)
    return {name: 1000 * median(values) for name, values in times.items()}


def speed() -> bool:
    """Print the times at each length; whether all ratios are within bounds."""
    weights = layer_weights()
    printed, by_hand = compiled(weights), ByHand(weights)
    ratios: list[float] = []
    for seq in LENGTHS:
        x = inputs(seq)
        expected = by_hand.at_once(x)
        for result in (printed(x), by_hand.in_blocks(x)):
            assert np.max(np.abs(result - expected)) < 2e-6 * np.max(np.abs(expected))
        found = medians({"printed": printed, "at once": by_hand.at_once, "in blocks": by_hand.in_blocks}, x)
        ratios.append(found["printed"] / min(found["at once"], found["in blocks"]))
        text = ", ".join(f"{name} {value:.2f} ms" for name, value in found.items())
        print(f"S = {seq}: {text}; ratio {ratios[-1]:.3f} (at most {MOST_RATIO})")
    return max(ratios) <= MOST_RATIO


def memory() -> bool:
    """Print the most memory that one call takes beside inputs and weights; whether it is within bounds."""
    function, x = compiled(layer_weights()), inputs(MEMORY_LENGTH)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    function(x)
    megabytes = (tracemalloc.get_traced_memory()[1] - before) / 1e6
    print(f"S = {MEMORY_LENGTH}: {megabytes:.0f} MB extra peak memory (at most {MOST_MEGABYTES})")
    return megabytes <= MOST_MEGABYTES


def command_time(name: str, *arguments: str) -> bool:
    """Print the median time of an `rlxc` command in new processes; whether it is within bounds."""
    times: list[float] = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "rlxc", *arguments], stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - start)
    print(f"rlxc {' '.join(arguments)}: {median(times):.2f} s (at most {MOST_SECONDS[name]})")
    return median(times) <= MOST_SECONDS[name]


def in_new_process(*arguments: str) -> bool:
    """This script with arguments, by itself; whether it succeeds."""
    return subprocess.run([sys.executable, __file__, *arguments], check=False).returncode == 0


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--memory", action="store_true", help="only the extra peak memory")
    if parser.parse_args().memory:
        return 0 if memory() else 1
    results = [
        speed(),
        in_new_process("--memory"),
        command_time("compile", "compile", str(EXAMPLE), "--emit=numpy", "-o", "-"),
        command_time("help", "--help"),
    ]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
