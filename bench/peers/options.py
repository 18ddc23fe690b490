"""Options that the benchmarks by turns have in common."""

from __future__ import annotations

from argparse import ArgumentParser

from bench.peers.system import usable_cores


def add_python(command: ArgumentParser) -> None:
    """Where backends may be installed."""
    command.add_argument(
        "--python", action="append", default=[], help="another interpreter that has backends; may be repeated"
    )


def add_turns(command: ArgumentParser, rounds: int, seconds: float, retries: int) -> None:
    """Who takes turns, and how; the numbers are defaults."""
    command.add_argument("-b", "--backends", default="", help="names, comma-separated; default: all installed")
    command.add_argument("--threads", type=int, default=usable_cores(), help="of each backend")
    command.add_argument("--rounds", type=int, default=rounds)
    command.add_argument("--seconds", type=float, default=seconds, help="of a backend's turn in a round")
    command.add_argument("--retries", type=int, default=retries, help="of a turn that others disturbed")
    command.add_argument("--patience", type=float, default=0.0, help="seconds to wait for quiet before each turn")
    command.add_argument(
        "--ahead", action="store_true", help="let the turns go before all other sessions of the machine (as root)"
    )
