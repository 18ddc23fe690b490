"""`rlxc opt`: run passes on a module and print it."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace, RawDescriptionHelpFormatter

EPILOG = """\
A pipeline is a list of passes, `rlx-raise-repeat-kv,canonicalize,rlx-unfuse{only=rope}`, and may
name the pipelines of --list-passes. Everything but the result goes to the standard error.
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.epilog = EPILOG
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.add_argument(
        "input", nargs="?", default="-", metavar="FILE", help="MLIR text, or .flow file; '-' (default): standard input"
    )
    parser.add_argument("-o", "--output", metavar="OUT", help="where the result goes; '-' (default): stdout")
    parser.add_argument("--config", metavar="FILE", help="JSON file with the numbers of a .flow file")
    _add_pipeline_arguments(parser)
    _add_listing_arguments(parser)
    _add_input_arguments(parser)
    _add_output_arguments(parser)
    _add_tracing_arguments(parser)


def run(args: Namespace) -> int:
    """Run the subcommand; the exit code. Raises RlxcError."""
    from rlxc.cli.opt_listing import list_names
    from rlxc.cli.opt_session import run_session

    if args.list_passes or args.show_dialects:
        return list_names(passes=args.list_passes, dialects=args.show_dialects)
    return run_session(args)


def _add_pipeline_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("pipeline").add_mutually_exclusive_group()
    group.add_argument("-p", "--passes", metavar="PIPELINE", default="", help="passes to run: a,b{option=value}")
    group.add_argument(
        "--pass-pipeline", dest="passes", metavar="PIPELINE", help="the same in MLIR's form: builtin.module(a,b)"
    )
    parser.add_argument("-t", "--target", default="mlir", help="form of the result, such as rlx-numpy (default: mlir)")


def _add_listing_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("listing")
    group.add_argument("--list-passes", action="store_true", help="list all passes and pipelines and exit")
    group.add_argument("--show-dialects", action="store_true", help="list all dialects and exit")


def _add_input_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("input")
    group.add_argument("--split-input-file", action="store_true", help="treat what `// -----` separates as modules")
    group.add_argument(
        "--allow-unregistered-dialect", action="store_true", help="accept operations of unknown dialects"
    )
    group.add_argument(
        "--verify-diagnostics",
        action="store_true",
        help="compare errors and remarks with the `// expected-error {{...}}` comments of the input",
    )
    group.add_argument(
        "--verify-each",
        nargs="?",
        type=yes_or_no,
        const=True,
        default=True,
        metavar="true|false",
        help="verify after each pass (default: true)",
    )
    group.add_argument(
        "--no-verify", "--disable-verify", action="store_true", help="verify no MLIR input and no results"
    )


def _add_output_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("output")
    group.add_argument("--print-op-generic", action="store_true", help="print without custom syntax")
    group.add_argument("--print-debuginfo", action="store_true", help="print source locations")


def _add_tracing_arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("tracing, on the standard error")
    group.add_argument("--print-ir-before-all", action="store_true", help="print the module before each pass")
    group.add_argument("--print-ir-after-all", action="store_true", help="print the module after each pass")
    group.add_argument("--print-ir-after-change", action="store_true", help="print it after each pass that changed it")
    group.add_argument("--dump-dir", metavar="DIR", help="write a file for each pass that changed the module")
    group.add_argument("--remarks", action="store_true", help="print what the passes fused and missed, and why")
    group.add_argument("--statistics", action="store_true", help="print what each pass did, in numbers")
    group.add_argument("--timing", action="store_true", help="print how long each pass took")


def yes_or_no(text: str) -> bool:
    """The value of a switch, in the spellings that mlir-opt takes."""
    spellings = {"true": True, "1": True, "false": False, "0": False}
    if text.lower() not in spellings:
        raise ArgumentTypeError(f"expected true or false, got '{text}'")
    return spellings[text.lower()]
