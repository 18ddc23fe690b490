"""The profile that `rlxc run` shows."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from rlxc.diagnostics.errors import UsageError
from rlxc.diagnostics.output import write_atomically
from rlxc.runtime.arguments import Value
from rlxc.runtime.compiled import CompiledFunction


def check_profile_options(args: Namespace, target: str) -> None:
    """Raise UsageError if a profile is wanted of a target that has none."""
    if wants_profile(args) and target != "native":
        raise UsageError(f"target '{target}' has no profile", hint="add --target native")


def wants_profile(args: Namespace) -> bool:
    """Whether a profile is wanted in any form."""
    return args.profile is not None or args.profile_trace is not None


def show_profile(function: CompiledFunction, inputs: Mapping[str, Value], args: Namespace) -> None:
    """Print the profile of a call, and write its trace, where the arguments ask for that."""
    if not wants_profile(args):
        return
    profile = function.profile(**inputs)
    if args.profile_trace is not None:
        write_atomically(args.profile_trace, profile.to_trace())
    if args.profile is not None:
        print(profile.to_json() if args.profile == "json" else profile)
