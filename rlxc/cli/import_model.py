"""`rlxc import`: write a model as a program."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

EPILOG = """\
The program is that of the whole model as it is written, before anything is fused: ids to logits, with caches as
arguments and results, or of an encoder ids and types of tokens to hidden states. It names weights by key:
rlxc run OUT.mlir --weights MODEL.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("model", metavar="MODEL", help="a Hugging Face directory, or a .gguf file")
    parser.add_argument("-o", "--output", metavar="OUT.mlir", help="where it goes (default: the standard output)")


def run(args: Namespace) -> int:
    """Run the subcommand; the exit code. Raises RlxcError."""
    from rlxc.cli.streams import write_result
    from rlxc.inspect.ir_text import module_text
    from rlxc.runtime.generation.model_program import model_program

    write_result(module_text(model_program(args.model).module), args.output)
    return 0
