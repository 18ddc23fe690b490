"""The variables of a printed function: which value each name stands for, and when it is free again."""

from __future__ import annotations

from collections.abc import Callable, Container, Generator
from contextlib import contextmanager

from xdsl.ir import SSAValue
from xdsl.utils.hints import isa

from rlxc.numpy_backend.text.names import candidates, identifier

FOREVER = object()
"""What holds a name that no other value may take."""


class Variables:
    """Binds names to values. A name is taken over once all values that it stood for are dead.

    `is_dead` says whether a value is read no more after a position.
    """

    def __init__(self, taken: Container[str], is_dead: Callable[[SSAValue, int], bool]):
        self._taken, self._is_dead = taken, is_dead
        self._holders: dict[str, list[object]] = {}
        self._name_of: dict[SSAValue, str] = {}
        self._lent: list[str] = []

    def name(self, value: SSAValue) -> str | None:
        """The variable that holds a value."""
        return self._name_of.get(value)

    def bind(self, value: SSAValue, hint: str, position: int) -> str:
        """A name for a value that is assigned when all reads up to `position` are over."""
        name = self._free(hint, position)
        self._holders[name] = [value]
        self._name_of[value] = name
        return name

    def share(self, value: SSAValue, other: SSAValue) -> str:
        """Let a value stand under the name of another: both are one array."""
        name = self._name_of[other]
        self._holders[name].append(value)
        self._name_of[value] = name
        return name

    def reserve(self, hint: str) -> str:
        """A name that stays as it is until the scope ends."""
        name = self._free(hint, -1)
        self._holders[name] = [FOREVER]
        return name

    def lend(self, hint: str) -> str:
        """A name for a part of the statement that comes next, until `release`."""
        name = self.reserve(hint)
        self._lent.append(name)
        return name

    def release(self) -> None:
        """Take back the names that were lent."""
        for name in self._lent:
            self._holders.pop(name, None)
        self._lent.clear()

    @contextmanager
    def scope(self) -> Generator[None]:
        """Names that are new inside are free again outside."""
        before = set(self._holders)
        yield
        for name in set(self._holders) - before:
            del self._holders[name]

    def _free(self, hint: str, position: int) -> str:
        return next(
            name
            for name in candidates(identifier(hint))
            if name not in self._taken
            and all(self._is_free(holder, position) for holder in self._holders.get(name, ()))
        )

    def _is_free(self, holder: object, position: int) -> bool:
        return isa(holder, SSAValue) and self._is_dead(holder, position)
