"""`rlxc perplexity`: how well a model foresees a text."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from rlxc.cli.model_options import add_model_options, loaded_model

EPILOG = """\
It is exp(-mean(log p)) over all tokens but the first. The text is read in windows, each of them anew.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    add_model_options(parser)
    parser.add_argument("text", metavar="FILE", help="the text, in UTF-8; '-': the standard input")
    parser.add_argument("--window", metavar="N", type=int, help="tokens of a window (default: the context)")


def run(args: Namespace) -> int:
    """Run the subcommand; the exit code. Raises RlxcError."""
    from rlxc.diagnostics.input import read_text

    text, _ = read_text(args.text)
    model = loaded_model(args)
    ids = model.tokenizer.encode(text)
    print(f"perplexity {model.perplexity(ids, args.window):.4f} of {len(ids)} tokens")
    return 0
