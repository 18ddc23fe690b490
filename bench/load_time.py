"""The time that weights need from a file into their packed form.

    python bench/load_time.py                       # one Llama layer, 244 MB in float32, stored in several types
    python bench/load_time.py --type Q4_K --threads 1

Files are made for the occasion, of random bytes, and the system has them in its cache. Shown are the median and the
fastest of several runs, in seconds a GB of packed float32 weights: without a cache of packed weights, with an
empty one, which is filled afterwards, and with one that has them.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import struct
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from gguf import GGUFWriter
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
from memory import SHAPES, TYPES, encoded

from rlxc.native.host import host_kernels
from rlxc.native.object_cache import VARIABLE as DIRECTORY
from rlxc.native.pack_cache import VARIABLE, PackCache
from rlxc.native.packing import packed_shape
from rlxc.native.signature import ArrayType, Panels, Parameter, Weight
from rlxc.native.threads import thread_count
from rlxc.passes.kernels.target import target_named
from rlxc.runtime.idle_work import IDLE_WORK
from rlxc.runtime.packing import parameter_values
from rlxc.runtime.parameters import LoadedParams
from rlxc.weights import ParamSpec, open_weights

MATRICES = {name: shape for name, shape in SHAPES.items() if len(shape) == 2}
GIGABYTES = sum(rows * columns for rows, columns in MATRICES.values()) * 4 / 1e9
RUNS = 5


def write_safetensors(path: Path, kind: str) -> None:
    """Write the matrices in a type that is not quantized."""
    header, data, generator = dict[str, object](), b"", np.random.default_rng(0)
    for name, shape in MATRICES.items():
        content = encoded(generator.standard_normal(shape, np.float32), kind).tobytes()
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def write_gguf(path: Path, kind: str) -> None:
    """Write the matrices in a quantized type."""
    quantized, generator = GGMLQuantizationType[kind], np.random.default_rng(0)
    block, size = GGML_QUANT_SIZES[quantized]
    writer = GGUFWriter(path, "none")
    for name, (rows, columns) in MATRICES.items():
        # No byte is that of an exponent of infinities.
        raw = generator.integers(0, 0x78, (rows, columns // block * size), dtype=np.uint8)
        writer.add_tensor(name, raw, raw_dtype=quantized)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def parameters(width: int) -> tuple[list[Parameter], list[ParamSpec]]:
    """The matrices as parameters of a function, and as what is stored."""
    panels = Panels(width)
    specs = [ParamSpec((name,), shape[::-1], np.dtype("f4"), True) for name, shape in MATRICES.items()]
    of_function: list[Parameter] = []
    for name, (rows, columns) in MATRICES.items():
        kind = ArrayType("f32", packed_shape((columns, rows), panels))
        of_function.append(Parameter(name, kind, Weight((name,), transposed=True), panels))
    return of_function, specs


def times(checkpoint: Path, threads: int) -> Mapping[str, list[float]]:
    """Seconds of each run, by what is cached."""
    found: dict[str, list[float]] = {"no cache": [], "empty": [], "filled": []}
    for _ in range(RUNS):
        PackCache(Path(os.environ[DIRECTORY]), 0).clear()
        for what in found:
            os.environ[VARIABLE] = "0" if what == "no cache" else "4"
            found[what].append(time_of_one(checkpoint, threads))
    return found


def time_of_one(checkpoint: Path, threads: int) -> float:
    """Seconds to open the file and pack all."""
    of_function, specs = parameters(target_named(host_kernels()).panel_width)
    start = time.perf_counter()
    parameter_values(of_function, LoadedParams(specs, open_weights(checkpoint)), threads)
    seconds = time.perf_counter() - start
    IDLE_WORK.wait()
    return seconds


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description="The time from a file into packed weights.")
    parser.add_argument("--type", action="append", help="how the weights are stored: F32, BF16, Q4_K, ...")
    parser.add_argument("--threads", type=int, default=thread_count())
    args = parser.parse_args()
    print(f"{args.threads} threads, {GIGABYTES:.3f} GB; s/GB, median (fastest)")
    print(f"{'type':8}{'no cache':>16}{'empty':>16}{'filled':>16}")
    for kind in args.type or ("F32", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q4_K", "Q6_K"):
        with tempfile.TemporaryDirectory() as name:
            os.environ[DIRECTORY] = name
            plain = kind in TYPES
            checkpoint = Path(name, "weights.safetensors" if plain else "weights.gguf")
            (write_safetensors if plain else write_gguf)(checkpoint, kind)
            rows = times(checkpoint, args.threads).values()
            shown = (f"{statistics.median(one) / GIGABYTES:.2f} ({min(one) / GIGABYTES:.2f})" for one in rows)
            print(f"{kind:8}" + "".join(f"{text:>16}" for text in shown), flush=True)


if __name__ == "__main__":
    main()
