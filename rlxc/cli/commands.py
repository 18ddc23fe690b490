"""The subcommands of `rlxc`, as data."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from importlib import import_module
from typing import NamedTuple, Protocol, cast


class CommandModule(Protocol):
    """What the module of a subcommand holds. Importing it and adding arguments must not import xDSL."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments of the subcommand."""
        ...

    def run(self, args: Namespace) -> int:
        """Run the subcommand; the exit code. Raises RlxcError."""
        ...


class Command(NamedTuple):
    """A subcommand: its name, what `rlxc --help` says of it, and the module that holds it."""

    name: str
    help: str
    module: str

    def load(self) -> CommandModule:
        """Import the module."""
        return cast(CommandModule, import_module(self.module))


COMMANDS = (
    Command("generate", "continue a text with a model, or answer it", "rlxc.cli.generate"),
    Command("chat", "talk to a model", "rlxc.cli.chat"),
    Command("embed", "turn texts into vectors", "rlxc.cli.embed"),
    Command("perplexity", "tell how well a model foresees a text", "rlxc.cli.perplexity"),
    Command("import", "write a model as a program that is not fused yet", "rlxc.cli.import_model"),
    Command("compile", "fuse a program and write it as IR, NumPy code or a native library", "rlxc.cli.compile"),
    Command("run", "run a program or a library on arrays, and check it against the reference", "rlxc.cli.run"),
    Command("inspect", "show what a program costs before and after fusion, and what fused", "rlxc.cli.inspect"),
    Command("fmt", "write .flow files in the one form", "rlxc.cli.fmt"),
    Command("cache", "show or clear the compiled code that is kept on disk", "rlxc.cli.cache"),
    Command("opt", "run passes on a module and print it", "rlxc.cli.opt"),
)
