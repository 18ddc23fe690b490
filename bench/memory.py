"""The peak memory of a native run that reads a checkpoint, against what it cannot do without (Linux).

    python bench/memory.py                   # 3 Llama layers, 730 MB in float32, made for the occasion
    python bench/memory.py --type BF16       # the same stored in bfloat16
    python bench/memory.py --library         # the program comes from a library, so that no compiler is imported

A run must not need more than packed weights, arena and 150 MB: the interpreter, the packages, inputs and
results. Pages of mapped files count too, though the system could take them back. The first run compiles, the second
finds the code in the cache; the exit code is 1 if one of them needs more. Figures are in MB (10^6 bytes).
"""

from __future__ import annotations

import argparse
import json
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import rlxc
from rlxc.native import arenas, huge_pages

HIDDEN, INTERMEDIATE, HEADS, KV_HEADS, HEAD_DIM = 2048, 8192, 32, 8, 64
LAYERS, TOKENS = 3, 128
MOST_BESIDES = 150
TYPES = {"F32": 4, "F16": 2, "BF16": 2}

SHAPES = {
    "self_attn.q_proj": (HEADS * HEAD_DIM, HIDDEN),
    "self_attn.k_proj": (KV_HEADS * HEAD_DIM, HIDDEN),
    "self_attn.v_proj": (KV_HEADS * HEAD_DIM, HIDDEN),
    "self_attn.o_proj": (HIDDEN, HEADS * HEAD_DIM),
    "mlp.gate_proj": (INTERMEDIATE, HIDDEN),
    "mlp.up_proj": (INTERMEDIATE, HIDDEN),
    "mlp.down_proj": (HIDDEN, INTERMEDIATE),
    "input_layernorm": (HIDDEN,),
    "post_attention_layernorm": (HIDDEN,),
}


def shapes() -> Mapping[str, tuple[int, ...]]:
    """The shapes of all weights by key."""
    layers = (f"model.layers.{layer}" for layer in range(LAYERS))
    return {f"{layer}.{name}.weight": shape for layer in layers for name, shape in SHAPES.items()}


def write_program(path: Path) -> None:
    """Write the layers as a program; its weights need shapes only."""
    from rlxc.stages import (
        Linear,
        ResidualAdd,
        ResidualSave,
        RmsNorm,
        RopeTables,
        SelfAttnPrefill,
        SelfAttnPrefillSpec,
        SwiGlu,
    )

    flow = rlxc.ModelFlow("layers").input("x", ("B", "S", HIDDEN))
    flow = flow.stage(RopeTables(theta=500000.0, n_rot=HEAD_DIM, max_positions=4096))
    for layer in (f"model.layers.{number}" for number in range(LAYERS)):
        spec = SelfAttnPrefillSpec.hf_layer(layer, num_heads=HEADS, head_dim=HEAD_DIM, num_kv_heads=KV_HEADS)
        flow = flow.stage(ResidualSave()).stage(RmsNorm(f"{layer}.input_layernorm.weight"))
        flow = flow.stage(SelfAttnPrefill(spec)).stage(Linear(f"{layer}.self_attn.o_proj.weight"))
        flow = (
            flow.stage(ResidualAdd()).stage(ResidualSave()).stage(RmsNorm(f"{layer}.post_attention_layernorm.weight"))
        )
        flow = flow.stage(SwiGlu.hf_mlp(f"{layer}.mlp")).stage(ResidualAdd())
    # Different numbers: stages notice weights that are equal.
    values = {key: np.broadcast_to(np.float32(n), shape) for n, (key, shape) in enumerate(shapes().items())}
    path.write_text(str(flow.build(values).module))


def write_checkpoint(path: Path, kind: str) -> None:
    """Write random weights, one after the other, as a safetensors file."""
    header, end = dict[str, Any](), 0
    for key, shape in shapes().items():
        start, end = end, end + int(np.prod(shape)) * TYPES[kind]
        header[key] = {"dtype": kind, "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    generator = np.random.default_rng(0)
    with path.open("wb") as stream:
        stream.write(struct.pack("<Q", len(text)) + text)
        for shape in shapes().values():
            stream.write(encoded(generator.standard_normal(shape, np.float32) * np.float32(0.03), kind).tobytes())


def encoded(values: NDArray[np.float32], kind: str) -> NDArray[Any]:
    """The numbers as they are stored."""
    if kind == "BF16":
        return (values.view(np.uint32) >> 16).astype(np.uint16)
    return values.astype(np.float16) if kind == "F16" else values


def measure(program: str, checkpoint: str) -> None:
    """Load, run twice, and print what was allocated and the peaks, in bytes."""
    sizes = {"packed weights": 0, "temporaries": 0}

    def counted(shape: tuple[int, ...], dtype: np.dtype[Any], purpose: str) -> NDArray[Any]:
        array = zeros(shape, dtype, purpose)
        sizes[purpose] += array.nbytes
        return array

    zeros = huge_pages.zeros
    huge_pages.zeros = arenas.zeros = counted
    anonymous, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            anonymous.append(status("RssAnon"))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    load = rlxc.load if program.endswith(".so") else compiled
    function = load(program, checkpoint)
    x = np.random.default_rng(1).standard_normal((1, TOKENS, HIDDEN)).astype(np.float32)
    for _ in range(2):
        function(x)
    done.set()
    watcher.join()
    print(json.dumps(sizes | {"peak": status("VmHWM"), "anonymous": max(anonymous)}))


def compiled(program: str, checkpoint: str) -> rlxc.CompiledFunction:
    """The program, compiled."""
    return rlxc.compile(program, "native", checkpoint)


def status(key: str) -> int:
    """Bytes of this process: `VmHWM`, `RssAnon`."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:")) * 1024


def main() -> int:
    """Measure in a process of its own; the exit code."""
    parser = argparse.ArgumentParser(description="The peak memory of a native run.")
    parser.add_argument("--type", choices=TYPES, default="F32", help="how the checkpoint is stored")
    parser.add_argument("--library", action="store_true", help="load a library instead of compiling")
    parser.add_argument("--measure", nargs=2, metavar=("PROGRAM", "CHECKPOINT"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        measure(*args.measure)
        return 0
    with tempfile.TemporaryDirectory() as name:
        program, checkpoint = Path(name, "layers.mlir"), Path(name, "weights.safetensors")
        write_program(program)
        write_checkpoint(checkpoint, args.type)
        if args.library:
            library = program.with_suffix(".so")
            subprocess.run([sys.executable, "-m", "rlxc", "compile", program, "-o", library], check=True)
            program = library
        print(f"checkpoint             {checkpoint.stat().st_size / 1e6:8.1f} MB")
        command = [sys.executable, __file__, "--measure", str(program), str(checkpoint)]
        besides = list[int]()
        for what in ("first run", "second run"):
            found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
            besides.append(show(what, found))
    return int(max(besides) > MOST_BESIDES * 1e6)


def show(run: str, found: Mapping[str, int]) -> int:
    """Print what one run needed; the bytes besides packed weights and arena."""
    besides = found["peak"] - found["packed weights"] - found["temporaries"]
    print(f"{run}:")
    for what, amount in {
        "packed weights": found["packed weights"],
        "arena": found["temporaries"],
        "peak": found["peak"],
        "of it anonymous": found["anonymous"],
        f"besides (limit {MOST_BESIDES})": besides,
    }.items():
        print(f"  {what:20} {amount / 1e6:8.1f} MB")
    return besides


if __name__ == "__main__":
    raise SystemExit(main())
