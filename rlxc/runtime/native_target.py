"""The target `native`: machine code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Queue
from typing import TYPE_CHECKING, TypeAlias

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from rlxc.inspect.ir_text import module_text
from rlxc.native.calls.quick import QuickCalls
from rlxc.native.compiled import CompiledProgram, Lowered, compile_and_keep, kept_program, program_key
from rlxc.native.host import host_kernels
from rlxc.native.module_signature import read_parameters
from rlxc.native.signature import Parameter
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


Announce: TypeAlias = Callable[[Sequence[Parameter], Account], None]
"""What is told the parameters of a program, and what there is to say of it, before its code is there."""


def compile_native(
    fusion: Fusion, weights: WeightSource, num_threads: int, shared: SharedWeights
) -> tuple[Account, NativeTarget]:
    """What there is to say of a program, and the program compiled.

    Weights are packed while the rest of the program is lowered, and MLIR and LLVM, in their own process, make code.
    """
    with ThreadPoolExecutor(2) as background:
        background.submit(team_library)
        packing = Queue[tuple[Sequence[Parameter], Account, Future[list[Array]]]]()

        def pack(parameters: Sequence[Parameter], account: Account) -> None:
            params = LoadedParams(account.fused_params, weights, shared.values)
            packed = background.submit(parameter_values, parameters, params, num_threads, shared)
            packing.put((parameters, account, packed))

        program = native_program(fusion, shared.tables, pack)
        parameters, account, packed = packing.get_nowait()
        assert parameters == program.signature.parameters, "passes change weights after convert-rlx-to-kernel"
        values = packed.result()
    return account, NativeTarget(program, fusion, values, num_threads, shared.tables)


def native_program(fusion: Fusion, tables: Sequence[str], announce: Announce) -> CompiledProgram:
    """The machine code of a program, in which embeddings by the weights `tables` are looked up in panels.

    Nothing is fused, lowered or compiled if this user has compiled the same program before. Locations count:
    remarks and the messages of run-time conditions name them.
    """
    kernels = host_kernels()
    options = ("kernels", kernels, repr(tables), repr(fusion.pipeline))
    made_from = [*options, module_text(fusion.program, debuginfo=True)]
    if not fusion.is_known:
        made_from += [module_text(fusion.module, debuginfo=True), fusion.remarks]

    def announce_when_packed(done: ModulePass | None, module: ModuleOp, todo: ModulePass | None) -> None:
        if done is not None and done.name == "convert-rlx-to-kernel":
            announce(read_parameters(module), fusion.account)

    def lower() -> Lowered:
        # What is wrong with the result is an error of MLIR, which looks at all of it in less time.
        observers, verify = [announce_when_packed], False
        module = lower_to(fusion.module, "kernels", None, observers, kernels=kernels, tables=tables, verify=verify)
        return Lowered(module, fusion.account.to_json())

    key = program_key(made_from)
    if (program := kept_program(key)) is None:
        return compile_and_keep(key, lower)
    announce(program.signature.parameters, Account.from_json(program.account))
    return program
