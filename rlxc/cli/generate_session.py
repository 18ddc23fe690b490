"""One run of `rlxc generate`."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Iterator

from rlxc.cli.model_options import loaded_model, read_sampling
from rlxc.cli.model_speed import Speed
from rlxc.diagnostics.errors import RlxcError, UsageError
from rlxc.diagnostics.input import read_text
from rlxc.models.tokenizer import Tokenizer
from rlxc.runtime.generation.stop_texts import before_stop

MOST_NEW_TOKENS = 256
INTERRUPTED = 130


def run_session(args: Namespace) -> int:
    """Run `rlxc generate` with the arguments `args`; the exit code."""
    sampling = read_sampling(args)
    if args.chat is False and args.system is not None:
        raise UsageError("--system is part of a chat", hint="leave --no-chat or --system out")
    prompt = read_text("-")[0].removesuffix("\n") if args.prompt == "-" else args.prompt
    start = time.perf_counter()
    model = loaded_model(args)
    ids = prompt_ids(model.tokenizer, prompt, args.chat, args.system)
    count = model.room(len(ids), args.max_new_tokens, MOST_NEW_TOKENS)
    speed = Speed(time.perf_counter() - start, len(ids))
    steps = speed.timed(model.stream([ids], count, **sampling))
    tokens = (token for step in steps if (token := int(step[0])) not in model.stop_ids)
    code = write(before_stop(model.tokenizer.stream(tokens), args.stop))
    print(speed.report(), file=sys.stderr)
    return code


def prompt_ids(tokenizer: Tokenizer, prompt: str, chat: bool | None, system: str | None) -> list[int]:
    """The ids of the prompt: in the chat template, if the model has one and that is not refused."""
    if chat is None:
        chat = tokenizer.chat_template is not None or system is not None
    if chat:
        messages = [{"role": "user", "content": prompt}]
        ids = tokenizer.encode_chat(messages if system is None else [{"role": "system", "content": system}, *messages])
    else:
        ids = tokenizer.encode(prompt)
    if not ids:
        raise RlxcError("the prompt is empty", hint="give a text to go on from")
    return ids


def write(pieces: Iterator[str]) -> int:
    """Print the pieces as they come, and end the line; the exit code."""
    code = 0
    try:
        for piece in pieces:
            print(piece, end="", flush=True)
    except KeyboardInterrupt:
        code = INTERRUPTED
    print(flush=True)
    return code
