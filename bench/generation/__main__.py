"""The command line: `python -m bench.generation MODEL`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.generation.compare import Work, compare
from bench.generation.tables import table
from bench.peers.installed import interpreters
from bench.peers.machine import Machine
from bench.peers.options import add_python, add_turns
from bench.peers.rounds import Settings
from rlxc import load_model

TEXT = Path(__file__).parents[2] / "LICENSE"
"""Where the prompt is taken from."""


def main() -> int:
    """Compare, print the table, and write it with all figures."""
    options = parser().parse_args()
    python_of, versions = interpreters([sys.executable, *options.python], "bench.generation.installed")
    wanted = options.backends.split(",") if options.backends else list(python_of)
    if missing := [name for name in wanted if name not in python_of]:
        print(f"not installed: {', '.join(missing)}", file=sys.stderr)
        return 2
    settings = Settings(options.rounds, options.seconds, options.retries, options.patience, options.ahead)
    machine = Machine(sys.executable, options.threads, options.ahead)
    prompt = load_model(options.model).tokenizer.encode(TEXT.read_text())[: options.prompt]
    work = Work(options.model, prompt, options.new, options.starts)
    results = {
        "machine": machine.described(),
        "versions": versions,
        "settings": asdict(settings),
        "work": {"model": options.model.name, "prompt": len(prompt), "new": options.new, "starts": options.starts},
        **compare(work, {name: python_of[name] for name in wanted}, machine, settings),
    }
    print(table(results), end="")
    if options.output:
        write(results, options.output)
    return 0 if all(report["status"] in ("ok", "skipped") for report in results["backends"].values()) else 1


def parser() -> argparse.ArgumentParser:
    """The command line."""
    command = argparse.ArgumentParser(prog="python -m bench.generation", description=__doc__)
    command.add_argument("model", type=Path, help="a GGUF file or a Hugging Face directory")
    add_python(command)
    command.add_argument("--prompt", type=int, default=128, help="tokens of the prompt")
    command.add_argument("--new", type=int, default=64, help="tokens after it")
    command.add_argument("--starts", type=int, default=3, help="processes with empty caches, and with filled ones")
    add_turns(command, rounds=7, seconds=1.0, retries=2)
    command.add_argument("-o", "--output", type=Path, help="write results.json and results.md to this directory")
    return command


def write(results: dict[str, Any], directory: Path) -> None:
    """The results as JSON and as a table."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "results.json").write_text(json.dumps(results, indent=1))
    (directory / "results.md").write_text(table(results))


if __name__ == "__main__":
    sys.exit(main())
