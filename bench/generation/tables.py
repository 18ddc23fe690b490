"""Results as a table in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Results = Mapping[str, Any]
Figure = Callable[[str], float]


@dataclass(frozen=True)
class Row:
    """A measure: what stands in the cell of each backend, and the figure that is compared."""

    label: str
    figure: Figure
    """The figure of a backend."""
    cell: Callable[[str], str]
    larger_is_better: bool = False
    roof: str = ""


def table(results: Results) -> str:
    """What was measured: one row for each measure, one column for each backend, and how rlxc compares."""
    names = [name for name, report in results["backends"].items() if report["status"] == "ok"]
    lines = [
        f"{results['machine']['processor']}, {results['machine']['threads']} threads; "
        + ", ".join(f"{package} {version}" for package, version in sorted(results["versions"].items())),
        "",
        f"| | roof | {' | '.join(names)} | rlxc against the best other |",
        f"|---|{'---:|' * (len(names) + 2)}",
    ]
    for row in rows(results):
        cells = " | ".join(row.cell(name) for name in names)
        lines.append(f"| {row.label} | {row.roof} | {cells} | {compared(row, names)} |")
    return "\n".join([*lines, *rest(results)]) + "\n"


def rows(results: Results) -> list[Row]:
    """All measures."""
    prompt, new = results["work"]["prompt"], results["work"]["new"]
    return [
        speed(results, "prefill", f"prefill of {prompt} tokens, tokens/s"),
        speed(results, "decode", f"decode, {new} tokens after them, tokens/s"),
        plain(results, "cold_s", "file to first token, caches empty, s", ".2f"),
        plain(results, "cached_s", "the same, caches filled, s", ".2f"),
        plain(results, "import_s", "importing, s", ".2f"),
        plain(results, "peak_mib", "peak memory, MiB", ".0f"),
    ]


def speed(results: Results, kind: str, label: str) -> Row:
    """Tokens per second: the median, and half the distance of the quartiles."""
    task = results["tasks"][kind]
    reports, tokens = task["backends"], task["tokens"]

    def rate(name: str, time: str = "median_ms") -> float:
        return 1e3 * tokens / reports[name][time]

    def cell(name: str) -> str:
        spread = (rate(name, "low_ms") - rate(name, "high_ms")) / 2
        return f"{rate(name):.1f} ±{spread:.1f}" + ("" if reports[name]["quiet_bursts"] else "*")

    return Row(label, rate, cell, larger_is_better=True, roof=f"{1e3 * tokens / task['roof_ms']:.0f}")


def plain(results: Results, key: str, label: str, form: str) -> Row:
    """A figure of the report of each backend."""

    def figure(name: str) -> float:
        return results["backends"][name][key]

    return Row(label, figure, lambda name: format(figure(name), form))


def compared(row: Row, names: list[str]) -> str:
    """How many times as much rlxc has as the best of the others, with its name."""
    others = [name for name in names if name != "rlxc"]
    if "rlxc" not in names or not others:
        return ""
    best = (max if row.larger_is_better else min)(others, key=row.figure)
    return f"{row.figure('rlxc') / row.figure(best):.2f} x {best}"


def rest(results: Results) -> list[str]:
    """What was compared before, and who was not timed."""
    lines = [""]
    for name, report in results["backends"].items():
        if report["status"] != "ok":
            lines.append(f"- {name}: {report['status']}: {report['reason']}")
        elif report["reference"] != name:
            lines.append(
                f"- {name}: {report['equal_ids']} of {results['work']['new']} ids are those of {report['reference']}, "
                f"its largest logits differ by {report['logits_error']:.0e}"
            )
    return lines
