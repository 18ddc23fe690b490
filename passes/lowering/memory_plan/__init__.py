"""The memory plan: which temporaries of a function are alive when, and where each lies in one arena."""

from rlxc.passes.lowering.memory_plan.plan import Buffer, MemoryPlan, Placement, Region
from rlxc.passes.lowering.memory_plan.planning import allocations, plan_memory

__all__ = ["Buffer", "MemoryPlan", "Placement", "Region", "allocations", "plan_memory"]
