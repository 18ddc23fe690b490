"""Results as a picture: for each workload a bar for each backend, and a line where the roof is. Plain SVG."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from bench.peers.results import Results, WorkloadResults, timed

LABELS, BARS, MARGIN = 130, 420, 90
"""Widths in pixels: of the names, of the longest bar, of the number behind it."""

LINE, BAR = 18, 12
"""Heights in pixels."""

OURS, OTHERS, ROOF = "#c2410c", "#94a3b8", "#0f172a"

MOST_ROOFS = 4.0
"""Bars end at so many times the roof, so that slow backends do not hide the others."""


def plot(results: Results) -> str:
    """The SVG text."""
    body: list[str] = []
    y = LINE
    for workload, one in results["workloads"].items():
        lines = list(panel(workload, one, y))
        body += lines
        y += LINE * (len(timed(one)) + 2)
    width = LABELS + BARS + MARGIN
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y}" font-family="sans-serif">'
    background = f'<rect width="{width}" height="{y}" fill="white"/>'
    return "\n".join([head, background, *body, "</svg>", ""])


def panel(workload: str, one: WorkloadResults, top: int) -> Iterator[str]:
    """A workload, fastest backend first."""
    yield text(4, top, f"{workload} (roof {one['roof_ms']:.3g} ms)", weight="bold")
    reports = sorted(timed(one).items(), key=lambda item: item[1]["median_ms"])
    for row, (name, report) in enumerate(reports, 1):
        yield from bar(name, report, one["roof_ms"], top + LINE * row)
    x = LABELS + BARS / MOST_ROOFS
    yield f'<line x1="{x}" x2="{x}" y1="{top + 5}" y2="{top + LINE * (len(reports) + 0.4)}" stroke="{ROOF}"/>'


def bar(name: str, report: dict[str, Any], roof_ms: float, y: int) -> Iterator[str]:
    """A backend: its bar, and the range of its quartiles."""
    scale = BARS / MOST_ROOFS / roof_ms
    length = min(BARS, report["median_ms"] * scale)
    yield text(LABELS - 6, y, name, anchor="end")
    yield rectangle(LABELS, y - BAR + 2, length, BAR, OURS if name == "rlxc" else OTHERS)
    low, high = (LABELS + min(BARS, report[key] * scale) for key in ("low_ms", "high_ms"))
    yield f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y - 4}" y2="{y - 4}" stroke="{ROOF}"/>'
    yield text(LABELS + length + 6, y, f"{report['median_ms']:.3g} ms")


def rectangle(x: float, y: float, width: float, height: float, fill: str) -> str:
    """A filled rectangle."""
    return f'<rect x="{x}" y="{y}" width="{width:.1f}" height="{height}" fill="{fill}"/>'


def text(x: float, y: float, content: str, anchor: str = "start", weight: str = "normal") -> str:
    """A line of text."""
    style = f'font-size="12" text-anchor="{anchor}" font-weight="{weight}"'
    return f'<text x="{x:.1f}" y="{y}" {style}>{escape(content)}</text>'
