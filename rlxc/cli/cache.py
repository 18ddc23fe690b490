"""`rlxc cache`: what compiled code is kept on disk."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

EPILOG = """\
The cache is the directory $RLXC_CACHE_DIR, or rlxc in $XDG_CACHE_HOME, or ~/.cache/rlxc. What is removed is
compiled again when it is needed.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("--clear", action="store_true", help="remove all that is kept")


def run(args: Namespace) -> int:
    """Run the subcommand; the exit code. Raises RlxcError."""
    from rlxc.diagnostics.errors import RlxcError
    from rlxc.native.object_cache import VARIABLE, default_cache

    cache = default_cache()
    if cache is None:
        raise RlxcError("there is no place for a cache: this user has no home directory", hint=f"set {VARIABLE}")
    entries, size = len(cache.entries()), cache.size()
    if args.clear:
        cache.clear()
        print(f"removed {entries} entries, {size} bytes")
        return 0
    print(f"path     {cache.directory}\nentries  {entries}\nbytes    {size}")
    if (problem := cache.problem()) is not None:
        print(f"not used: {problem}")
    return 0
