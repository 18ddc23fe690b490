"""From a program to a function on NumPy arrays."""

from rlxc.runtime.compile import compile
from rlxc.runtime.compiled import CompiledFunction
from rlxc.runtime.levels import Level, lower_to
from rlxc.runtime.signature import Signature

__all__ = ["CompiledFunction", "Level", "Signature", "compile", "lower_to"]
