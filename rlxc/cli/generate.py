"""`rlxc generate`: continue a text, or answer it."""

from __future__ import annotations

from argparse import ArgumentParser, BooleanOptionalAction, Namespace

from rlxc.cli.model_options import add_model_options, add_sampling_options

EPILOG = """\
A model with a chat template answers the prompt; one without continues it, as --no-chat asks of all. The text goes
to the standard output while it is written; speed and memory go to the standard error. Without --max-new-tokens
it ends after 256 tokens, or when the context is full. Ctrl-C ends it too: exit code 130.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    add_model_options(parser)
    parser.add_argument("prompt", metavar="PROMPT", help="the text; '-': the standard input")
    parser.add_argument(
        "--chat", action=BooleanOptionalAction, help="the prompt is a message, in the chat template of the model"
    )
    parser.add_argument("--system", metavar="TEXT", help="what comes before the message, as the template has it")
    add_sampling_options(parser)


def run(args: Namespace) -> int:
    """Run the subcommand; the exit code. Raises RlxcError."""
    from rlxc.cli.generate_session import run_session

    return run_session(args)
