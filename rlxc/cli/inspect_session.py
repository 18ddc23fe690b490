"""One run of `rlxc inspect`."""

from __future__ import annotations

import json
import re
import sys
from argparse import Namespace
from collections.abc import Collection, Iterable
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from rlxc.cli.inspect_model import CACHES, TOKEN, fused_in_layers
from rlxc.cli.program import is_model, load_input
from rlxc.diagnostics.errors import UsageError
from rlxc.diagnostics.suggest import did_you_mean
from rlxc.dialects.rlx.places import source_place
from rlxc.inspect.cost import Cost, cost_of, costed_function
from rlxc.inspect.pipeline_run import run_pipeline
from rlxc.inspect.pipeline_text import parse_fusion
from rlxc.inspect.registry import make_context
from rlxc.inspect.shapes import named_sizes
from rlxc.inspect.summary import readable_bytes
from rlxc.passes.remarks import Remark, collect_remarks

LARGEST_SIZE = 10**9


def run_session(args: Namespace) -> int:
    """Run `rlxc inspect` with the arguments `args`; the exit code."""
    passes = parse_fusion(args.passes)
    given = read_sizes(args.dims)
    program = load_input(args.input, args.weights, args.config)
    sizes = named_sizes(costed_function(program.module))
    check_names(given, sizes)
    of_model = is_model(args.input)
    sizes |= {**(TOKEN if of_model and CACHES & sizes.keys() else {}), **given}
    fused = program.module.clone()
    with collect_remarks() as remarks:
        run_pipeline(make_context(), fused, passes)
    before, after = cost_of(program.module, sizes), cost_of(fused, sizes)
    if args.json:
        print(json.dumps(as_json(sizes, before, after, remarks), indent=2))
    elif of_model:
        from rlxc.runtime.generation.model_program import model_summary

        print(model_summary(args.input))
        print_table(sizes, before, after, fused_in_layers(program.module, args.passes))
    else:
        print_table(sizes, before, after, remarks)
    return 0


def read_sizes(text: str) -> dict[str, int]:
    """The sizes in `B=1,S=512`. Raises UsageError if the text is malformed or gives a name twice."""
    sizes: dict[str, int] = {}
    for part in filter(None, text.split(",")):
        match = re.fullmatch(r"(?P<name>[A-Za-z_]\w*)=(?P<size>\d{1,10})", part)
        if match is None or not 0 < int(match["size"]) <= LARGEST_SIZE:
            raise UsageError(f"malformed size '{part}'", hint="write --dims B=1,S=512")
        if match["name"] in sizes:
            raise UsageError(f"the size '{match['name']}' is given twice", hint="give each dimension one size")
        sizes[match["name"]] = int(match["size"])
    return sizes


def check_names(given: Iterable[str], known: Collection[str]) -> None:
    """Raise UsageError if a name is not that of a dimension of the program."""
    for name in given:
        if name not in known:
            hint = f"its dynamic dimensions: {', '.join(known)}" if known else "all its dimensions are fixed"
            raise UsageError(f"the program has no dimension '{name}'{did_you_mean(name, known)}", hint=hint)


def as_json(sizes: dict[str, int], before: Cost, after: Cost, remarks: list[Remark]) -> dict[str, object]:
    """The report as data."""
    said = [
        {"pass": one.pass_name, "kind": one.kind, "message": one.message, "place": source_place(one.location)}
        for one in remarks
    ]
    return {"sizes": sizes, "before": asdict(before), "after": asdict(after), "remarks": said}


def print_table(sizes: dict[str, int], before: Cost, after: Cost, said: Iterable[Remark | str]) -> None:
    """Print the report for people, and what the passes said."""
    title = ", ".join(["one call", *(f"{name} = {size}" for name, size in sizes.items())])
    table = Table("", "before", "after", title=title, title_justify="left")
    for name in sorted({*before.by_name, *after.by_name}):
        table.add_row(name, str(before.by_name.get(name, 0)), str(after.by_name.get(name, 0)))
    table.add_section()
    for label, old, new in figures(before, after):
        table.add_row(label, old, new)
    Console(file=sys.stdout, highlight=False, width=100).print(table)
    for one in said:
        print(one)


def figures(before: Cost, after: Cost) -> list[tuple[str, str, str]]:
    """The rows that are not counts of one operation."""
    sizes = [("bytes moved", "bytes_moved"), ("weights", "weight_bytes"), ("KV cache", "kv_cache_bytes")]
    rows = [
        (label, readable_bytes(getattr(before, name)), readable_bytes(getattr(after, name))) for label, name in sizes
    ]
    return [
        ("operations", str(before.operations), str(after.operations)),
        ("MFLOP", f"{before.flops / 1e6:.1f}", f"{after.flops / 1e6:.1f}"),
        *rows,
    ]
