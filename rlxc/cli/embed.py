"""`rlxc embed`: vectors of texts."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction, Namespace

from rlxc.cli.model_options import add_model_options

EPILOG = """\
The vectors are written as JSON, a list with one list for each text, or with -o to a .npy file [texts, features].
How the vectors of the tokens become one is what the checkpoint says, as sentence-transformers writes it, or else
their mean. A text that is longer than the model reads is an error without --truncate.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    add_model_options(parser)
    parser.add_argument("texts", metavar="TEXT", nargs="+", help="the texts; '-': the lines of the standard input")
    parser.add_argument("--pooling", choices=("mean", "max", "cls", "last"), help="what becomes of the tokens")
    parser.add_argument("--normalize", action=BooleanOptionalAction, help="make vectors of length 1")
    parser.add_argument("--prompt", metavar="TEXT", help="what comes before each text, if not as the checkpoint says")
    parser.add_argument("--truncate", action="store_true", help="read the beginning of a text that is too long")
    parser.add_argument("-o", "--output", metavar="OUT.npy", help="where they go (default: the standard output)")


def run(args: Namespace) -> int:
    """Run the subcommand; the exit code. Raises RlxcError."""
    from rlxc.cli.embed_session import run_session

    return run_session(args)
