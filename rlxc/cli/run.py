"""`rlxc run`: run a program on arrays, and compare it with the reference."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

EPILOG = """\
An input is an array file, `x=x.npy`, random numbers, `x=random:SEED:SHAPE` (`x=random:0:2x16x2048`), or a
whole number, `position=3`. Inputs that are not given are random, with 1 for the first named size, 8 for others.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("input", metavar="INPUT", help=".mlir or .py file; '-': MLIR from the standard input")
    parser.add_argument("--target", choices=("numpy", "native", "reference"), default="numpy")
    parser.add_argument("--threads", metavar="N", type=int, help="threads that share the work (target native)")
    parser.add_argument("-p", "--passes", metavar="PIPELINE", default="fuse", help="what fuses (default: fuse)")
    parser.add_argument("--weights", metavar="FILE", help=".safetensors, .npz or .gguf; or random:SEED")
    parser.add_argument("--input", dest="inputs", metavar="NAME=VALUE", action="append", default=[], help="an input")
    parser.add_argument("--save", metavar="FILE.npy", help="write the (first) result")
    profile = "show where the time goes, as a table or as JSON (target native)"
    parser.add_argument("--profile", action="store_const", const="table", help=profile)
    # An option with an optional value would take INPUT for it.
    parser.add_argument("--profile=json", dest="profile", action="store_const", const="json")
    parser.add_argument("--profile-trace", metavar="FILE.json", help="write it for chrome://tracing (target native)")
    parser.add_argument("--check", action="store_true", help="compare with the reference in float64")


def run(args: Namespace) -> int:
    """Run the subcommand; the exit code. Raises RlxcError."""
    from rlxc.cli.run_session import run_session

    return run_session(args)
