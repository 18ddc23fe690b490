"""The target `native`: machine code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xdsl.dialects.builtin import ModuleOp

from rlxc.inspect.ir_text import module_text
from rlxc.native.compiled import compiled_program
from rlxc.native.host import host_kernels
from rlxc.runtime.arguments import Array, Value
from rlxc.runtime.levels import Level, lower_to
from rlxc.runtime.packing import parameter_values
from rlxc.runtime.parameters import LoadedParams

if TYPE_CHECKING:
    from rlxc.runtime.profile import Profile, ProfiledProgram


class NativeTarget:
    """Runs the machine code of a fused program, made at the affine or the kernels level.

    Nothing is lowered or compiled if this user has compiled the same program before. Locations count: the
    messages of run-time conditions name them.
    """

    def __init__(self, fused: ModuleOp, level: Level, params: LoadedParams, num_threads: int):
        kernels = host_kernels()
        made_from = (level, kernels, module_text(fused, debuginfo=True))
        program = compiled_program(made_from, lambda: lower_to(fused, level, None, kernels=kernels))
        self.source = program.text
        values = parameter_values(program.signature.parameters, params, num_threads)
        self._function = program.load().bind(values, num_threads)
        self._profiled: ProfiledProgram | None = None
        self._fused, self._made_for = fused, (kernels, values, num_threads)

    def __call__(self, inputs: Sequence[Value]) -> tuple[Array, ...]:
        """The results for the inputs in order. Raises RlxcError where a run-time condition does not hold."""
        return self._function(inputs)

    def profile(self, inputs: Sequence[Value]) -> Profile:
        """Where the time of a call with these inputs goes. The first profile compiles the program once more."""
        from rlxc.runtime.profile import ProfiledProgram

        if self._profiled is None:
            self._profiled = ProfiledProgram(self._fused, *self._made_for)
        return self._profiled.profile(inputs)
