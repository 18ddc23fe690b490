"""Results as tables in Markdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bench.peers.results import Results, WorkloadResults, backend_names, fastest, timed

Cell = Callable[[WorkloadResults, dict[str, Any]], str]


def tables(results: Results) -> str:
    """All tables."""
    machine = results["machine"]
    parts = [
        "# Peers",
        f"{machine['processor']}, {machine['threads']} threads.",
        ", ".join(f"{package} {version}" for package, version in sorted(results["versions"].items())),
        "## Time, ms\n\nMedian ± half the distance of the quartiles; `*`: the machine was never quiet meanwhile. "
        "`roof` is what the limits of the machine allow, which are measured for each workload.",
        table(results, time_cell),
        "## Best run, ms",
        table(results, lambda _, report: f"{report['least_ms']:.3g}"),
        "## Share of the roofline, %",
        table(results, lambda one, report: f"{100 * one['roof_ms'] / report['median_ms']:.0f}"),
        "## Cold start, s\n\nCompiling and the first run, with empty caches; importing, in parentheses, is not part "
        "of it.",
        table(
            results,
            lambda _, report: f"{report['compile_s'] + report['first_run_s']:.2f} ({report['import_s']:.1f})",
        ),
        "## Peak memory, MiB\n\nOf the process since its inputs were made. `data`: what has to be read and written.",
        table(results, lambda _, report: f"{report['peak_mib']:.0f}"),
        "## Error\n\nThe largest, relative to the largest element, against float64.",
        table(results, lambda _, report: f"{report['error']:.0e}"),
        untimed(results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def table(results: Results, cell: Cell) -> str:
    """One row for each workload, one column for each backend."""
    names = backend_names(results)
    lines = [f"| workload | roof, ms | data, MiB | {' | '.join(names)} |", f"|---|{'---:|' * (len(names) + 2)}"]
    for workload, one in results["workloads"].items():
        reports = timed(one)
        cells = [cell(one, reports[name]) if name in reports else "" for name in names]
        unit = "GFLOP/s" if one["limit"] == "multiply_add" else "GB/s"
        rate = one["limits"][f"{one['limit']} {unit}"]
        roof = f"{one['roof_ms']:.3g} ({rate:.4g} {unit})"
        lines.append(f"| {workload} | {roof} | {one['bytes'] / 2**20:.0f} | {' | '.join(cells)} |")
    return "\n".join(lines)


def time_cell(one: WorkloadResults, report: dict[str, Any]) -> str:
    """A time, in bold if it is the best."""
    digits = 3 if report["median_ms"] < 1 else 2
    text = f"{report['median_ms']:.{digits}f} ±{(report['high_ms'] - report['low_ms']) / 2:.{digits}f}"
    text += "" if report["quiet_bursts"] else "*"
    best = fastest(one)
    return f"**{text}**" if best is not None and one["backends"][best] is report else text


def untimed(results: Results) -> str:
    """What was not timed, and why."""
    lines = [
        f"- {workload}, {name}: {report['status']}: {report['reason']}"
        for workload, one in results["workloads"].items()
        for name, report in one["backends"].items()
        if report["status"] != "ok"
    ]
    return "\n".join(["## Not timed", "", *lines]) if lines else ""
