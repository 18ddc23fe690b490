"""Hidden states of an encoder by rlxc and by transformers: the same ids, in turns.

`python -m bench.embedding MODEL --python OTHER` takes a Hugging Face directory, and an interpreter that has torch and
transformers. Times are medians of all rounds; `differ` is the largest difference of the states.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.peers.burst import burst
from bench.peers.contender import VARIABLES
from bench.peers.messages import serve
from bench.peers.process import Process

SHAPES = ((1, 1), (1, 16), (1, 128), (8, 128), (32, 64))
"""Texts, and tokens of each."""


class Worker:
    """One of the two, in a process of its own."""

    def __init__(self, name: str, model: str, threads: str):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(threads)])
        self.states = {"rlxc": rlxc_states, "transformers": transformers_states}[name](model, int(threads))

    def save(self, ids: list[list[int]], path: str) -> dict[str, Any]:
        """The states go to a file."""
        np.save(path, self.states(np.array(ids)))
        return {}

    def measure(self, ids: list[list[int]], seconds: float, ahead: bool) -> dict[str, Any]:
        """The seconds of each run."""
        array = np.array(ids)

        def run() -> float:
            start = time.perf_counter()
            self.states(array)
            return time.perf_counter() - start

        return burst(run, seconds, ahead)


def rlxc_states(model: str, threads: int) -> Any:
    """From ids to states."""
    import rlxc

    return rlxc.load_model(model, "native", threads=threads).embed


def transformers_states(model: str, threads: int) -> Any:
    """The same."""
    import torch
    from transformers import AutoModel

    torch.set_num_threads(threads)
    found = AutoModel.from_pretrained(model, dtype=torch.float32).eval()

    def states(ids: Any) -> Any:
        with torch.inference_mode():
            return found(torch.from_numpy(ids)).last_hidden_state.numpy()

    return states


def compare(options: argparse.Namespace) -> None:
    """Print a line for each shape."""
    pythons = {"rlxc": sys.executable, "transformers": options.python}
    environment = dict.fromkeys(VARIABLES, str(options.threads))
    arguments = [str(options.model), str(options.threads)]
    workers = {
        name: Process(python, "bench.embedding", ["--worker", name, *arguments], environment)
        for name, python in pythons.items()
    }
    print("| texts x tokens | rlxc, ms | transformers, ms | rlxc, tokens/s | times as fast | differ |")
    print("|---|---:|---:|---:|---:|---:|")
    for batch, length in SHAPES:
        ids = np.random.default_rng(0).integers(1000, 20000, (batch, length)).tolist()
        found = differences(workers, ids)
        times: dict[str, list[float]] = {name: [] for name in workers}
        for number in range(options.rounds):
            for name in sorted(workers, reverse=number % 2 == 1):
                times[name] += workers[name].ask("measure", ids=ids, seconds=options.seconds, ahead=options.ahead)[
                    "times"
                ]
        ours, theirs = (1e3 * statistics.median(times[name]) for name in workers)
        tokens = 1e3 * batch * length / ours
        print(f"| {batch} x {length} | {ours:.2f} | {theirs:.2f} | {tokens:.0f} | {theirs / ours:.2f} | {found:.1e} |")
    for worker in workers.values():
        worker.close()


def differences(workers: dict[str, Process], ids: list[list[int]]) -> float:
    """The largest difference of the states of the two."""
    with tempfile.TemporaryDirectory() as directory:
        paths = [Path(directory, f"{name}.npy") for name in workers]
        for worker, path in zip(workers.values(), paths, strict=True):
            worker.ask("save", ids=ids, path=str(path))
        ours, theirs = (np.load(path) for path in paths)
    return float(np.abs(ours - theirs).max())


def parser() -> argparse.ArgumentParser:
    """The command line."""
    command = argparse.ArgumentParser(prog="python -m bench.embedding", description=__doc__)
    command.add_argument("model", type=Path)
    command.add_argument("--python", default=sys.executable, help="the interpreter that has transformers")
    command.add_argument("--threads", type=int, default=2)
    command.add_argument("--rounds", type=int, default=5)
    command.add_argument("--seconds", type=float, default=1.0, help="of a turn in a round")
    command.add_argument("--ahead", action="store_true", help="let turns go before all other sessions (as root)")
    return command


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        worker = Worker(*sys.argv[2:])
        serve({"save": worker.save, "measure": worker.measure})
    else:
        compare(parser().parse_args())
