"""`rlxc inspect`: what a program costs before and after fusion, and what fused and why."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

EPILOG = """\
Costs are for one call with the sizes of --dims: every operation reads its operands and writes its results.
INPUT is a .mlir, .py or .flow file, or a model: a Hugging Face directory or a .gguf file. Of a model it is shown
what the next token costs (S=1), what its caches keep, and in how many layers what fused.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("input", metavar="INPUT", help="program or model; '-': MLIR from the standard input")
    parser.add_argument("-p", "--passes", metavar="PIPELINE", default="fuse", help="what fuses (default: fuse)")
    parser.add_argument("--weights", metavar="FILE", help=".safetensors, .npz or .gguf; or random:SEED")
    parser.add_argument("--config", metavar="FILE", help="JSON file with the numbers of a .flow file")
    parser.add_argument(
        "--dims", metavar="NAME=SIZE,...", default="", help="sizes of named dimensions (default: B=1,S=512)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


def run(args: Namespace) -> int:
    """Run the subcommand; the exit code. Raises RlxcError."""
    from rlxc.cli.inspect_session import run_session

    return run_session(args)
