"""The results of a run: a document that JSON can hold."""

from __future__ import annotations

from typing import Any, TypedDict


class WorkloadResults(TypedDict):
    """A workload: its least cost, and the report of each backend."""

    flops: float
    bytes: float
    limits: dict[str, float]
    """GFLOP/s of multiply-adds and GB/s of reads, meanwhile."""
    roof_ms: float
    limit: str
    """`multiply_add` or `read`."""
    backends: dict[str, dict[str, Any]]


class Results(TypedDict):
    """A run."""

    machine: dict[str, Any]
    versions: dict[str, str]
    settings: dict[str, Any]
    workloads: dict[str, WorkloadResults]


def timed(results: WorkloadResults) -> dict[str, dict[str, Any]]:
    """The reports of the backends that were timed."""
    return {name: report for name, report in results["backends"].items() if report["status"] == "ok"}


def fastest(results: WorkloadResults) -> str | None:
    """The backend with the smallest median."""
    reports = timed(results)
    return min(reports, key=lambda name: reports[name]["median_ms"], default=None)


def backend_names(results: Results) -> list[str]:
    """The backends that were timed in any workload, in order."""
    names = {name: None for one in results["workloads"].values() for name in one["backends"]}
    return [name for name in names if any(name in timed(one) for one in results["workloads"].values())]
