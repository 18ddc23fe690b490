"""The functions of the printed module that make `params`: `load`, and one for each function with weights of layers."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from rlxc.numpy_backend.taken_weights import TakenWeights
from rlxc.numpy_backend.text.expression import Code, call, string
from rlxc.numpy_backend.text.layout import wrapped
from rlxc.numpy_backend.text.names import unused


@dataclass(frozen=True)
class LoadFunction:
    """What makes the `params` of one function."""

    name: str
    function: str
    """The printed name of the function."""
    taken: TakenWeights
    loaders: Mapping[str, str]
    """The names of the functions that make those of called functions, by symbol."""
    scoped: bool
    """Whether it takes what stands before the keys: it is not that of the entry function."""

    def lines(self) -> list[str]:
        """The text of the function."""
        return [
            f"def {self.name}({'weights, scope' if self.scoped else 'weights'}):",
            f'    """{self._docstring}"""',
            *self._body(),
        ]

    @property
    def _docstring(self) -> str:
        if self.scoped:
            return f"The parameters of one call of `{self.function}`: their keys begin with `scope`."
        return f"The parameters of `{self.function}`, from a mapping of checkpoint keys to arrays."

    def _body(self) -> list[str]:
        entries = [f"{string(name)}: {code}" for name, code in self._entries()]
        if not entries:
            return ["    return {}"]
        return ["    return {", *(line for entry in entries for line in wrapped(entry, 2, end=",")), "    }"]

    def _entries(self) -> Iterator[tuple[str, Code]]:
        scope = "scope + " if self.scoped else ""
        for parameter in self.taken.parameters:
            yield parameter.name, parameter.code(scope)
        for passed in dict.fromkeys(self.taken.calls.values()):
            yield passed.name, call(self.loaders[passed.callee], "weights", self._inner_scope(passed.scope))

    def _inner_scope(self, scope: str) -> str:
        """The scope of a called function's weights."""
        if not self.scoped:
            return string(scope).text
        return f"scope + {string(scope)}" if scope else "scope"


def load_functions(
    weights: Mapping[str, TakenWeights], names: Mapping[str, str], entry: str, taken: Container[str]
) -> list[LoadFunction]:
    """The functions that make `params`, `load` at the end; all but it have names that are not `taken`."""
    loaders = {symbol: unused(f"load_{names[symbol]}", taken) for symbol in weights if symbol != entry}
    functions = [
        LoadFunction(name, names[symbol], weights[symbol], loaders, scoped=True) for symbol, name in loaders.items()
    ]
    return [*functions, LoadFunction("load", names[entry], weights[entry], loaders, scoped=False)]
