"""`rlxc chat`: talk to a model."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from rlxc.cli.model_options import add_model_options, add_sampling_options

EPILOG = """\
Each line is a message; the model remembers those before. Ctrl-C ends a reply, or, between two, the chat, as the
end of the input does (Ctrl-D). Without --max-new-tokens a reply has 512 tokens at most.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    add_model_options(parser)
    parser.add_argument("--system", metavar="TEXT", help="what comes before the first message")
    add_sampling_options(parser)


def run(args: Namespace) -> int:
    """Run the subcommand; the exit code. Raises RlxcError."""
    from rlxc.cli.chat_session import run_session

    return run_session(args)
