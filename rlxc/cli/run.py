"""`rlxc run`: run a program on arrays, and compare it with the reference."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

EPILOG = """\
An input is an array file, `x=x.npy`, random numbers, `x=random:SEED:SHAPE` (`x=random:0:2x16x2048`), or a
whole number, `position=3`. Inputs that are not given are random, with 1 for the first named size, 8 for others.
A library, `layer.so`, is one that `rlxc compile` has written.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument(
        "input", metavar="INPUT", help=".mlir, .py, .flow or .so file; '-': MLIR from the standard input"
    )
    parser.add_argument("--target", choices=("numpy", "native", "reference"), help="what runs it (default: numpy)")
    parser.add_argument("--threads", metavar="N", type=int, help="threads that share the work (target native, library)")
    parser.add_argument("-p", "--passes", metavar="PIPELINE", help="what fuses (default: fuse)")
    parser.add_argument("--weights", metavar="FILE", help=".safetensors, .npz or .gguf; or random:SEED")
    parser.add_argument("--config", metavar="FILE", help="JSON file with the numbers of a .flow file")
    parser.add_argument("--input", dest="inputs", metavar="NAME=VALUE", action="append", default=[], help="an input")
    parser.add_argument("--save", metavar="FILE.npy", help="write the (first) result")
    add_profile(parser, "--profile", "table", "show where the time goes (target native)")
    # An option with an optional value would take INPUT for it.
    add_profile(parser, "--profile=json", "json", "the same as JSON, which has the standard output for itself")
    parser.add_argument("--profile-trace", metavar="FILE.json", help="write it for chrome://tracing (target native)")
    parser.add_argument("--check", action="store_true", help="compare with the reference in float64")


def add_profile(parser: ArgumentParser, option: str, form: str, about: str) -> None:
    """Declare an option that asks for a profile."""
    parser.add_argument(option, dest="profile", action="store_const", const=form, help=about)


def run(args: Namespace) -> int:
    """Run the subcommand; the exit code. Raises RlxcError."""
    from rlxc.cli.run_session import run_session

    return run_session(args)
