"""The compiled function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from rlxc.diagnostics import RlxcError
from rlxc.runtime.arguments import Array, Value, bind_arguments
from rlxc.runtime.signature import Signature

if TYPE_CHECKING:
    from rlxc.runtime.profile import Profile


class Executable(Protocol):
    """What a target makes of a program."""

    @property
    def source(self) -> str:
        """The text that the target made, if it makes one."""
        ...

    def __call__(self, inputs: Sequence[Value], /) -> tuple[Array, ...]:
        """The results for checked inputs in order."""
        ...


QuickCalls: TypeAlias = "Callable[[tuple[object, ...]], tuple[Array, ...] | None]"
"""What gives the results for inputs that are just as expected, and nothing for others, which may be errors."""


@runtime_checkable
class Quick(Protocol):
    """An executable that takes inputs that are not checked yet."""

    @property
    def quick(self) -> QuickCalls | None:
        """Its calls, if this program has such."""
        ...


@runtime_checkable
class Profiled(Protocol):
    """An executable that can tell where its time goes."""

    def profile(self, inputs: Sequence[Value], /) -> Profile:
        """The profile of a call with checked inputs in order."""
        ...


@dataclass(frozen=True, repr=False)
class CompiledFunction:
    """A program as a function on NumPy arrays.

    ```python
    y = fn(x)             # by position
    y = fn(x=x, mask=m)   # or by name
    ```
    It gives an array, or a tuple of several. `ir` is the program as written, `fused_ir` after
    the pipeline; `source` is the NumPy code of the target `numpy`, the text of `native` at the kernels level, and
    empty for `reference` and for a library; `remarks` says what was fused, and what was not and why.
    """

    signature: Signature
    target: str
    ir: str
    fused_ir: str
    remarks: str
    executable: Executable

    @property
    def source(self) -> str:
        """The text that the target made of the program."""
        return self.executable.source

    def __call__(self, *args: object, **kwargs: object) -> Array | tuple[Array, ...]:
        """Run the program. Raises RlxcError for inputs that do not fit: names, dtypes, shapes, run-time conditions."""
        results = None
        if self._quick is not None and len(args) + len(kwargs) == len(self._names):
            results = self._quick(in_order(self._names, args, kwargs) if kwargs else args)
        if results is None:
            results = self.executable(bind_arguments(self.signature, args, kwargs))
        return results[0] if len(results) == 1 else results

    @cached_property
    def _quick(self) -> QuickCalls | None:
        return self.executable.quick if isinstance(self.executable, Quick) else None

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return self.signature.input_names

    def profile(self, *args: object, **kwargs: object) -> Profile:
        """Where the time of a call goes: time, FLOP/s, bytes/s and share of the roofline of each fused operation.

        The target `native` has profiles. The first one compiles the program once more, to code that notes
        the time; each repeats the call for half a second or more, and shows the fastest run. Raises RlxcError.
        """
        if not isinstance(self.executable, Profiled):
            raise RlxcError(f"target '{self.target}' has no profile", hint="compile for the target 'native'")
        return self.executable.profile(bind_arguments(self.signature, args, kwargs))

    def __repr__(self) -> str:
        return f"<rlxc function {self.signature}, target {self.target}>"


def in_order(names: Sequence[str], args: tuple[object, ...], kwargs: Mapping[str, object]) -> tuple[object, ...]:
    """The values given, in the order of the names; nothing at all if one has no value."""
    try:
        return args + tuple([kwargs[name] for name in names[len(args) :]])
    except KeyError:
        return ()
