"""Flows: a model as a line of stages, built into a module of `rlx` operations."""

from rlxc.flow.built import BuiltModel
from rlxc.flow.inputs import FlowInput
from rlxc.flow.load import LoadedFlow, load_flow
from rlxc.flow.model_flow import ModelFlow
from rlxc.stages.context import FlowContext

__all__ = ["BuiltModel", "FlowContext", "FlowInput", "LoadedFlow", "ModelFlow", "load_flow"]
