"""How the native target's time depends on the number of tokens, and what dynamic sizes and more layers cost.

    python bench/sweep.py                          # everything, as tables
    python bench/sweep.py tokens --json sweep.json
    python bench/sweep.py tokens --sizes 5,6,7,8,9

- `tokens`: the times of an attention and of a layer, relative to what their neighbours and the roofline predict.
- `static`: the same layer with its sizes in its types, relative to the one compilation for all sizes.
- `compile`: what compiling more tokens or more layers takes, with an empty cache.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

import rlxc
from bench.peers.backends.rlxc_native import side_by_side
from bench.peers.backends.rlxc_programs import as_stored, decode_module, flow_of, layer_stages, rope_tables
from bench.peers.inputs import CACHES, arrays_of
from bench.peers.system import ahead_of_others, usable_cores
from bench.peers.workload import Workload
from bench.peers.workloads import WORKLOADS, select
from rlxc.native.roofline import Roofline, roofline

Array = NDArray[Any]
Call = Callable[[], object]
Row = dict[str, Any]

TOKENS = ("attention-llama-128", "layer-llama-128")
SIZES = (1, 2, 3, 7, 33, 127, 129, 1000, 2047)
STATIC_SIZES = (128, 512)
LAYERS = (1, 4, 30)

JUMP = 1.25
"""A time that is longer than predicted by this factor is a jump."""

LEAST_SECONDS = 0.1
"""How long a turn is at least."""

CACHE_BYTES = 1 << 27
"""Reading so much leaves nothing else in the caches."""


def interleaved(calls: Mapping[Any, Call], rounds: int) -> dict[Any, list[float]]:
    """The seconds of each call, in rounds in which each has a turn. Weights come from memory, not from a cache."""
    times: dict[Any, list[float]] = {name: [] for name in calls}
    names, other_memory = list(calls), np.ones(CACHE_BYTES, np.uint8)
    for turn in range(rounds * len(names)):
        name = names[(turn + turn // len(names)) % len(names)]
        calls[name]()
        begin = time.perf_counter()
        while not times[name] or time.perf_counter() - begin < LEAST_SECONDS:
            other_memory.max()
            start = time.perf_counter()
            calls[name]()
            times[name].append(time.perf_counter() - start)
    return times


def tokens(limits: Roofline, workloads: str, sizes: Sequence[int], rounds: int) -> list[Row]:
    """A row for each workload and size."""
    rows: list[Row] = []
    for workload in select(workloads):
        function = rlxc.compile(flow_of(workload, arrays_of(workload)), "native", threads=usable_cores())
        inputs = {size: random_input(size, workload.hidden) for size in sizes}
        times = interleaved({size: call(function, x) for size, x in inputs.items()}, rounds)
        roofs = {size: roof(limits, replace(workload, tokens=size)) for size in sizes}
        for size, ratio in relative(sizes, {s: min(times[s]) / roofs[s] for s in sizes}).items():
            middle = relative(sizes, {s: median(times[s]) / roofs[s] for s in sizes})[size]
            rows.append(
                {
                    "workload": re.sub(r"-\d+$", "", workload.name),
                    "tokens": size,
                    "best ms": 1e3 * min(times[size]),
                    "median ms": 1e3 * median(times[size]),
                    "roof ms": 1e3 * roofs[size],
                    "roof %": 100 * roofs[size] / min(times[size]),
                    "of predicted": ratio,
                    "median of predicted": middle,
                    "": "jump" if ratio > JUMP else "",
                }
            )
    return rows


def roof(limits: Roofline, workload: Workload) -> float:
    """The least seconds that a workload can take."""
    return limits.seconds(workload.flops, workload.bytes)


def relative(sizes: Sequence[int], times: Mapping[int, float]) -> dict[int, float]:
    """Each time, in units of the roofline, relative to that between its neighbours, on a scale of logarithms."""
    found: dict[int, float] = {}
    for size in sizes:
        others = [other for other in sizes if other != size]
        predicted = np.interp(math.log(size), np.log(others), [times[other] for other in others])
        found[size] = times[size] / float(predicted)
    return found


def static(rounds: int) -> list[Row]:
    """A row for each workload: the times of the program with dynamic and with static sizes."""
    layer, rows = WORKLOADS["layer-llama-128"], list[Row]()
    arrays = arrays_of(layer)
    dynamic = rlxc.compile(flow_of(layer, arrays), "native", threads=usable_cores())
    for size in STATIC_SIZES:
        fixed = rlxc.compile(flow_of(layer, arrays, 1, size), "native", threads=usable_cores())
        x = random_input(size, layer.hidden)
        rows.append(compared(f"layer, {size} tokens", call(dynamic, x), call(fixed, x), rounds))
    for name in ("decode-llama-512", "decode-llama-4096"):
        workload = WORKLOADS[name]
        calls = [decode_call(workload, fixed) for fixed in (False, True)]
        rows.append(compared(f"decode, cache of {workload.cache}", *calls, rounds))
    return rows


def decode_call(workload: Workload, fixed: bool) -> Call:
    """A decode step, for any size of the caches or for a `fixed` one."""
    arrays = arrays_of(workload)
    caches = [side_by_side(arrays[name]) for name in CACHES]
    module = decode_module(workload, fixed=fixed)
    function = rlxc.compile(module, "native", weights=arrays, threads=usable_cores())
    return call(function, arrays["x"][None], *caches, workload.cache - 1)


def compared(name: str, dynamic: Call, fixed: Call, rounds: int) -> Row:
    """How fast the program with dynamic sizes is, relative to the other."""
    times = interleaved({"dynamic": dynamic, "static": fixed}, 4 * rounds)
    best = {kind: 1e3 * min(found) for kind, found in times.items()}
    speed = median(times["static"]) / median(times["dynamic"])
    return {
        "workload": name,
        "dynamic ms": best["dynamic"],
        "static ms": best["static"],
        "speed %": 100 * best["static"] / best["dynamic"],
        "median speed %": 100 * speed,
    }


def compile_times(rounds: int) -> list[Row]:
    """A row for each number of tokens and of layers: the least time of several compilations."""
    layer = WORKLOADS["layer-llama-128"]
    arrays = arrays_of(layer)
    programs: dict[str, Any] = {"any number of tokens": flow_of(layer, arrays)}
    programs |= {f"{size} tokens": flow_of(layer, arrays, 1, size) for size in (*STATIC_SIZES, 2048)}
    tiny = WORKLOADS["tiny-layer"]
    programs |= {f"{count} small layers": stacked(tiny, count) for count in LAYERS}
    return [{"program": name, **compile_time(program, rounds)} for name, program in programs.items()]


def stacked(workload: Workload, count: int) -> rlxc.BuiltModel:
    """So many equal layers, with weights of their own."""
    arrays = as_stored(arrays_of(workload))
    weights = {f"{number}.{name}": array for number in range(count) for name, array in arrays.items()}
    flow = rlxc.ModelFlow("layers").input("x", ("B", "S", workload.hidden)).stage(rope_tables(workload))
    return flow.repeat(count, "{}.", layer_stages(workload, "")).build(weights)


def compile_time(program: rlxc.BuiltModel, rounds: int) -> Row:
    """Seconds until a program can be called: by the clock, and of this process's processors."""
    seconds, busy = list[float](), list[float]()
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as directory:
            os.environ["RLXC_CACHE_DIR"] = directory
            start, used = time.perf_counter(), time.process_time()
            rlxc.compile(program, "native", threads=usable_cores())
            seconds.append(time.perf_counter() - start)
            busy.append(time.process_time() - used)
    return {"best s": min(seconds), "median s": median(seconds), "own processor s": min(busy)}


def call(function: Callable[..., object], *inputs: Array | int) -> Call:
    """The function with its inputs."""
    return lambda: function(*inputs)


def random_input(size: int, hidden: int) -> Array:
    """One sequence."""
    return np.random.default_rng(size).standard_normal((1, size, hidden), dtype=np.float32)


def table(rows: Sequence[Row]) -> str:
    """Rows with the same columns, in Markdown."""
    lines = [f"| {' | '.join(rows[0])} |", f"|{'---|' * len(rows[0])}"]
    for row in rows:
        cells = [f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row.values()]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="tokens, static, compile (default: all)")
    parser.add_argument("--workloads", default=",".join(TOKENS), metavar="NAME,...", help="whose tokens are varied")
    parser.add_argument(
        "--sizes", type=lambda text: sorted(map(int, text.split(","))), default=SIZES, metavar="S,S,..."
    )
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--ahead", action="store_true", help="go before other sessions (Linux, as root)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    options = parser.parse_args()
    with ahead_of_others(options.ahead):
        run(options)


def run(options: argparse.Namespace) -> None:
    """Measure and print."""
    limits = roofline(usable_cores())
    parts: dict[str, Callable[[], list[Row]]] = {
        "tokens": lambda: tokens(limits, options.workloads, options.sizes, options.rounds),
        "static": lambda: static(options.rounds),
        "compile": lambda: compile_times(options.rounds),
    }
    print(f"{limits.flops_per_second / 1e9:.0f} GFLOP/s, {limits.bytes_per_second / 1e9:.1f} GB/s\n")
    found: dict[str, list[Row]] = {}
    for name in options.parts or parts:
        found[name] = parts[name]()
        print(table(found[name]), end="\n\n", flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
