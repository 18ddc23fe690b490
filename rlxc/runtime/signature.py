"""What a compiled function takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TensorSpec:
    """An array: its element type, and its sizes or their names; "" for a size without a name."""

    element: str
    shape: tuple[int | str, ...]

    def __str__(self) -> str:
        return f"{self.element}[{', '.join(str(size) or '?' for size in self.shape)}]"


@dataclass(frozen=True)
class ScalarSpec:
    """A whole number."""

    element: str

    def __str__(self) -> str:
        return self.element


@dataclass(frozen=True)
class InputSpec:
    """One input, by name."""

    name: str
    type: TensorSpec | ScalarSpec

    def __str__(self) -> str:
        return f"{self.name}: {self.type}"


@dataclass(frozen=True)
class Signature:
    """The name of a function, its inputs in order, and its results."""

    name: str
    inputs: tuple[InputSpec, ...]
    results: tuple[TensorSpec, ...]

    @property
    def input_names(self) -> tuple[str, ...]:
        """The names of the inputs, in order."""
        return tuple(one.name for one in self.inputs)

    def __str__(self) -> str:
        results = ", ".join(map(str, self.results))
        arrow = results if len(self.results) == 1 else f"({results})"
        return f"{self.name}({', '.join(map(str, self.inputs))}) -> {arrow}"
