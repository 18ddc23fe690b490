"""The options of the subcommands that run a model."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rlxc.runtime.generation import Model

SAMPLING = ("temperature", "top_k", "top_p", "min_p", "repetition_penalty", "seed")


def add_model_options(parser: ArgumentParser) -> None:
    """Declare the model, and how it runs."""
    parser.add_argument("model", metavar="MODEL", help="a Hugging Face directory, or a .gguf file")
    parser.add_argument("--target", choices=("native", "numpy"), default="native", help="what runs it")
    parser.add_argument("--threads", metavar="N", type=int, help="threads that share the work (target native)")
    parser.add_argument(
        "--max-context", metavar="N", type=int, help="how many tokens a text may have (default: up to 8192)"
    )


def add_sampling_options(parser: ArgumentParser) -> None:
    """Declare how the next token is chosen, and when the text ends."""
    group = parser.add_argument_group("sampling (without a temperature, the most likely token is taken)")
    group.add_argument("--temperature", metavar="T", type=float, help="what logits are divided by, such as 0.8")
    group.add_argument("--top-k", metavar="K", type=int, help="of the K most likely tokens only")
    group.add_argument("--top-p", metavar="P", type=float, help="of the fewest tokens with this probability")
    group.add_argument("--min-p", metavar="P", type=float, help="of tokens P times as likely as the likeliest")
    group.add_argument("--repetition-penalty", metavar="X", type=float, help="above 1, words are repeated less")
    group.add_argument("--seed", metavar="N", type=int, help="the same seed chooses the same tokens")
    parser.add_argument("--max-new-tokens", metavar="N", type=int, help="how many tokens are written at most")
    parser.add_argument("--stop", metavar="TEXT", action="append", default=[], help="end before this text; repeatable")


def read_sampling(args: Namespace) -> dict[str, Any]:
    """The keywords of `Sampling`. Raises UsageError if they cannot be right."""
    from rlxc.diagnostics.errors import RlxcError, UsageError
    from rlxc.runtime.generation.sampling import Sampling

    given = {name: getattr(args, name) for name in SAMPLING}
    try:
        Sampling(**given)
    except RlxcError as error:
        raise UsageError(error.message, hint=error.hint) from None
    if args.max_new_tokens is not None and args.max_new_tokens < 1:
        raise UsageError(f"--max-new-tokens must be at least 1, got {args.max_new_tokens}")
    if "" in args.stop:
        raise UsageError("--stop needs a text that is not empty")
    return given


def loaded_model(args: Namespace) -> Model:
    """The model, ready to give logits. Raises RlxcError if it is an encoder."""
    from rlxc.runtime.generation import load_model

    model = load_model(args.model, args.target, threads=args.threads, max_context=args.max_context)
    model.require_decoder()
    model.load()
    return model
