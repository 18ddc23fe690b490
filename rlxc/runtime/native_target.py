"""The target `native`: machine code."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Queue
from typing import TYPE_CHECKING

from rlxc.inspect.ir_text import module_text
from rlxc.native.calls.quick import QuickCalls
from rlxc.native.compiled import CompiledProgram, Lowered, compiled_program
from rlxc.native.host import host_kernels
from rlxc.native.signature import Signature
from rlxc.native.threads import team_library
from rlxc.runtime.account import Account
from rlxc.runtime.arguments import Array, Value
from rlxc.runtime.fusion import Fusion
from rlxc.runtime.levels import lower_to
from rlxc.runtime.packing import parameter_values
from rlxc.runtime.parameters import LoadedParams
from rlxc.runtime.shared_weights import SharedWeights
from rlxc.weights import WeightSource

if TYPE_CHECKING:
    from rlxc.runtime.profile import Profile, ProfiledProgram


class NativeTarget:
    """Runs the machine code of a program."""

    def __init__(
        self,
        program: CompiledProgram,
        fusion: Fusion,
        values: Sequence[Array],
        num_threads: int,
        tables: Sequence[str],
    ):
        self.source = program.text
        self._function = program.load().bind(values, num_threads)
        self._profiled: ProfiledProgram | None = None
        self._fusion, self._made_for = fusion, (host_kernels(), values, num_threads, tables)

    def __call__(self, inputs: Sequence[Value]) -> tuple[Array, ...]:
        """The results for the inputs in order. Raises RlxcError where a run-time condition does not hold."""
        return self._function(inputs)

    @property
    def quick(self) -> QuickCalls | None:
        """See `rlxc.runtime.compiled.Quick`."""
        return self._function.quick

    def profile(self, inputs: Sequence[Value]) -> Profile:
        """Where the time of a call with these inputs goes. The first profile compiles the program once more."""
        from rlxc.runtime.profile import ProfiledProgram

        if self._profiled is None:
            self._profiled = ProfiledProgram(self._fusion.module, *self._made_for)
        return self._profiled.profile(inputs)


def compile_native(
    fusion: Fusion, weights: WeightSource, num_threads: int, shared: SharedWeights
) -> tuple[Account, NativeTarget]:
    """What there is to say of a program, and the program compiled.

    Nothing is fused, lowered or compiled if this user has compiled the same program before. Locations count:
    remarks and the messages of run-time conditions name them.
    """
    kernels, level = host_kernels(), "kernels"
    options = (level, kernels, repr(shared.tables), repr(fusion.pipeline))
    made_from = [*options, module_text(fusion.program, debuginfo=True)]
    if not fusion.is_known:
        made_from += [module_text(fusion.module, debuginfo=True), fusion.remarks]

    def lower() -> Lowered:
        # What is wrong with the result is an error of MLIR, which looks at all of it in less time.
        module = lower_to(fusion.module, level, None, kernels=kernels, tables=shared.tables, verify=False)
        return Lowered(module, fusion.account.to_json())

    # Weights are packed while MLIR and LLVM, in a process of their own, make code.
    with ThreadPoolExecutor(2) as background:
        background.submit(team_library)
        packing = Queue[Future[list[Array]]]()

        def pack(signature: Signature, account: str) -> None:
            params = LoadedParams(Account.from_json(account).fused_params, weights, shared.values)
            packing.put(background.submit(parameter_values, signature.parameters, params, num_threads, shared))

        program = compiled_program(made_from, lower, announce=pack)
        values = packing.get().result()
    return Account.from_json(program.account), NativeTarget(program, fusion, values, num_threads, shared.tables)
