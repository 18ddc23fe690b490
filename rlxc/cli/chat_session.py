"""One run of `rlxc chat`."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import suppress

from rlxc.cli.model_options import loaded_model, read_sampling
from rlxc.runtime.generation.conversation import Conversation


def run_session(args: Namespace) -> int:
    """Run `rlxc chat` with the arguments `args`; the exit code."""
    sampling = read_sampling(args)
    model = loaded_model(args)
    conversation = Conversation(model, args.system)
    for message in messages():
        for piece in interruptible(conversation.reply(message, args.max_new_tokens, args.stop, **sampling)):
            print(piece, end="", flush=True)
        print(flush=True)
    return 0


def messages() -> Iterator[str]:
    """The lines that the user writes; empty ones say nothing. The prompt appears on a terminal only."""
    with suppress(EOFError):
        while True:
            message = input("> " if sys.stdin.isatty() else "")
            if message.strip():
                yield message


def interruptible(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces until Ctrl-C."""
    with suppress(KeyboardInterrupt):
        yield from pieces
