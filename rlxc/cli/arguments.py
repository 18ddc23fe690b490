"""The command line: argparse, with errors that suggest what may have been meant."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn

from rlxc.cli.commands import COMMANDS, Command, CommandModule
from rlxc.diagnostics.errors import UsageError
from rlxc.diagnostics.suggest import did_you_mean


class ArgumentParser(argparse.ArgumentParser):
    """Raises UsageError, where argparse prints and exits."""

    def error(self, message: str) -> NoReturn:
        """See argparse."""
        raise UsageError(message, hint=f"{self.prog} --help shows the options")

    def reject(self, unknown: str) -> NoReturn:
        """Complain of an argument that no option takes."""
        word, _, _ = unknown.partition("=")
        self.error(f"unknown argument '{unknown}'{did_you_mean(word, self._options())}")

    def _options(self) -> Iterable[str]:
        return (option for action in self._actions for option in action.option_strings)


class VersionAction(argparse.Action):
    """Print the version of rlxc and of what it runs on."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """See argparse."""
        print(f"rlxc {installed('rlxc')} (xDSL {installed('xdsl')}, Python {platform.python_version()})")
        parser.exit()


def installed(package: str) -> str:
    """The version of an installed package."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"


def read_arguments(argv: Sequence[str]) -> tuple[CommandModule, argparse.Namespace] | None:
    """The subcommand that `argv` names and its arguments; without one, print the help.

    Only the module of that subcommand is imported. Raises UsageError.
    """
    command = named_command(argv)
    parser = ArgumentParser(prog="rlxc", description="A compiler for transformer models.", allow_abbrev=False)
    parser.add_argument("--version", action=VersionAction, nargs=0, help="print the version and exit")
    add_common_arguments(parser, default=False)
    choices = parser.add_subparsers(metavar="COMMAND", title="commands")
    parsers = {one: choices.add_parser(one.name, help=one.help, allow_abbrev=False) for one in COMMANDS}
    if command is None:
        parser.parse_args(argv)
        parser.print_help(sys.stderr)
        return None
    chosen, module = parsers[command], command.load()
    add_common_arguments(chosen, default=argparse.SUPPRESS)
    module.add_arguments(chosen)
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        chosen.reject(unknown[0])
    return module, args


def named_command(argv: Sequence[str]) -> Command | None:
    """The subcommand that the first word of `argv` names, None if there is no word."""
    word = next((argument for argument in argv if not argument.startswith("-")), None)
    if word is None:
        return None
    by_name = {command.name: command for command in COMMANDS}
    if word not in by_name:
        raise UsageError(
            f"unknown command '{word}'{did_you_mean(word, by_name)}", hint="rlxc --help shows the commands"
        )
    return by_name[word]


def add_common_arguments(parser: argparse.ArgumentParser, default: bool | str) -> None:
    """Declare the options that may stand before and after the subcommand."""
    about = "show where in the program an error was raised"
    parser.add_argument("--traceback", action="store_true", default=default, help=about)
