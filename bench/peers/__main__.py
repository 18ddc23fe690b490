"""The command line: `python -m bench.peers run`, `list` or `table`."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from bench.peers.backends import BACKENDS
from bench.peers.installed import interpreters
from bench.peers.machine import Machine
from bench.peers.options import add_python, add_turns
from bench.peers.plot import plot
from bench.peers.results import Results
from bench.peers.rounds import Settings, measure
from bench.peers.tables import tables
from bench.peers.workloads import WORKLOADS, select


def main() -> int:
    """Do what the command line asks for."""
    options = parser().parse_args()
    if options.command == "table":
        print(tables(json.loads(Path(options.results).read_text())), end="")
        return 0
    python_of, versions = interpreters([sys.executable, *options.python])
    if options.command == "list":
        list_all(python_of)
        return 0
    wanted = options.backends.split(",") if options.backends else list(python_of)
    if missing := [name for name in wanted if name not in python_of]:
        print(f"not installed: {', '.join(missing)}", file=sys.stderr)
        return 2
    if not select(options.workloads):
        print(f"no workload is called {options.workloads}", file=sys.stderr)
        return 2
    return run(options, {name: python_of[name] for name in wanted}, versions)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    whole = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    commands = whole.add_subparsers(dest="command", required=True)
    for name in ("run", "list"):
        command = commands.add_parser(name)
        add_python(command)
    command = commands.choices["run"]
    command.add_argument("-w", "--workloads", default="", help="beginnings of names, comma-separated; default: all")
    add_turns(command, rounds=9, seconds=0.3, retries=3)
    command.add_argument("-o", "--output", help="write results.json, results.md and results.svg to this directory")
    commands.add_parser("table").add_argument("results", help="a results.json")
    return whole


def list_all(python_of: dict[str, str]) -> None:
    """Print the workloads, and the backends with what is installed."""
    for workload in WORKLOADS.values():
        print(f"{workload.name:24} {workload.flops / 1e9:8.3f} GFLOP {workload.bytes / 1e6:8.1f} MB")
    for name, entry in BACKENDS.items():
        print(f"{name:24} {entry.about} ({'installed' if name in python_of else 'not installed'})")


def run(options: argparse.Namespace, python_of: dict[str, str], versions: dict[str, str]) -> int:
    """Measure, print and write; files are brought up to date after each workload."""
    settings = Settings(options.rounds, options.seconds, options.retries, options.patience, options.ahead)
    machine = Machine(sys.executable, options.threads, options.ahead)
    results = Results(machine=machine.described(), versions=versions, settings=asdict(settings), workloads={})
    for workload in select(options.workloads):
        reports = measure(workload, python_of, machine, settings)
        seconds, limit = machine.roof(workload)
        results["workloads"][workload.name] = {
            "flops": workload.flops,
            "bytes": workload.bytes,
            "limits": machine.limits(),
            "roof_ms": 1e3 * seconds,
            "limit": limit,
            "backends": reports,
        }
        if options.output:
            write(results, Path(options.output))
    print(f"\n{tables(results)}", end="")
    reports = [report for one in results["workloads"].values() for report in one["backends"].values()]
    return 0 if all(report["status"] in ("ok", "skipped") for report in reports) else 1


def write(results: Results, directory: Path) -> None:
    """The results as JSON, tables and picture."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "results.json").write_text(json.dumps(results, indent=1))
    (directory / "results.md").write_text(tables(results))
    (directory / "results.svg").write_text(plot(results))


if __name__ == "__main__":
    sys.exit(main())
