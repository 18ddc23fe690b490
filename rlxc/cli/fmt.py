"""`rlxc fmt`: write `.flow` files in the one form."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace

EPILOG = """\
Words and comments are kept; blanks, line ends and empty lines are set anew, and lists of arguments split where they
are too long or end with a comma. '-' formats the standard input to the standard output.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("files", metavar="FILE", nargs="+", help=".flow files")
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if a file would change")


def run(args: Namespace) -> int:
    """Run the subcommand; the exit code. Raises RlxcError: then files before the wrong one have been written."""
    changed = [file for file in args.files if format_file(file, check=args.check)]
    return 1 if args.check and changed else 0


def format_file(path: str, *, check: bool) -> bool:
    """Whether the form of a file differs from it; write the form unless it is only a check."""
    from rlxc.diagnostics.input import read_text
    from rlxc.diagnostics.output import write_atomically
    from rlxc.flow.language.format import formatted

    text, name = read_text(path)
    form = formatted(text, name)
    if path == "-" and not check:
        sys.stdout.write(form)
    elif form != text:
        print(f"{'would format' if check else 'formatted'} {name}", file=sys.stderr)
        if not check:
            write_atomically(path, form)
    return form != text
