"""`rlxc cache`: what compiled code and which packed weights are kept on disk."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

EPILOG = """\
The cache is the directory $RLXC_CACHE_DIR, or rlxc in $XDG_CACHE_HOME, or ~/.cache/rlxc. What is removed is
compiled, or decoded and packed, again when it is needed. Weights that are quantized are kept packed: the most recent
$RLXC_PACK_CACHE_GB gigabytes of them, 4 if it is not set, none for 0.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.add_argument("--clear", action="store_true", help="remove all that is kept")


def run(args: Namespace) -> int:
    """Run the subcommand; the exit code. Raises RlxcError."""
    from rlxc.diagnostics.errors import RlxcError
    from rlxc.native.object_cache import VARIABLE, default_cache
    from rlxc.native.pack_cache import PackCache

    cache = default_cache()
    if cache is None:
        raise RlxcError("there is no place for a cache: this user has no home directory", hint=f"set {VARIABLE}")
    kinds = {"code": cache, "weights": PackCache(cache.directory, 0)}
    if not args.clear:
        print(f"path     {cache.directory}")
    for what, kind in kinds.items():
        amount = f"{len(kind.entries())} entries, {kind.size()} bytes"
        if args.clear:
            kind.clear()
            amount = f"removed {amount}"
        print(f"{what:8} {amount}")
    if args.clear:
        return 0
    if (problem := cache.problem()) is not None:
        print(f"not used: {problem}")
    return 0
