"""Flows as text: the same stages as in Python, with numbers from a config."""

from rlxc.flow.language.load import FlowFromText, read_flow

__all__ = ["FlowFromText", "read_flow"]
