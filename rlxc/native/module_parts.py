"""A large module in two parts, which two processes compile at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from xdsl.dialects.builtin import ModuleOp
from xdsl.dialects.func import CallOp, FuncOp
from xdsl.ir import Operation

from rlxc.diagnostics.text_printer import TextPrinter
from rlxc.native.compile_process import Part
from rlxc.native.vector_code import is_kernel
from rlxc.passes.arguments import is_private

LEAST_LINES = 1000
"""What a part has at least: a smaller one is not worth a process."""

COPIED_LINES = 60
"""A kernel that is not longer, and calls no other, is copied to each part that calls it: the barrier, for one.

Declarations are, too."""


def printed_parts(module: ModuleOp, llvm_ir: str) -> tuple[str, list[Part]]:
    """The text of a module, and its parts: the program and some kernels, which come with the LLVM IR, and more kernels.

    Kernels that call each other stay together. The first part declares those of the second.
    """
    printer = TextPrinter()
    printer.print_op(module)
    functions = Functions(printer.operations(module))
    moved = functions.to_be_moved()
    if not moved:
        return printer.text(), [Part(printer.text(), llvm_ir)]
    staying = functions.without(moved)
    entries = [name for name in functions.called_by(staying) if name in moved]
    declared = [declaration(functions.operations[name]) for name in entries]
    return printer.text(), [
        Part(functions.text_of(staying, declared), llvm_ir),
        Part(functions.text_of(moved), "", tuple(entries)),
    ]


class Functions:
    """The functions of a module by name, and what they call; `texts` is what operations of it are printed as."""

    def __init__(self, texts: Mapping[Operation, str]):
        self.operations = {op.sym_name.data: op for op in texts if isinstance(op, FuncOp)}
        self._texts = {name: texts[op] for name, op in self.operations.items()}
        self._others = [text for op, text in texts.items() if not isinstance(op, FuncOp)]
        self._calls = {name: called_names(op) for name, op in self.operations.items()}

    def to_be_moved(self) -> list[str]:
        """The kernels that go into a second part; none if one of the parts would be too small."""
        groups = [group for group in self._groups() if all(map(self._is_kernel, group))]
        first, second = self.without(chain(*groups)), list[str]()
        for group in sorted(groups, key=self._lines, reverse=True):
            min(first, second, key=self._lines).extend(group)
        return second if min(map(self._lines, (first, second))) >= LEAST_LINES else []

    def without(self, names: Iterable[str]) -> list[str]:
        """All functions but some, and but what is copied."""
        left_out = set(names)
        return [name for name in self.operations if name not in left_out and not self._is_copied(name)]

    def called_by(self, names: Iterable[str]) -> list[str]:
        """What functions call, each once."""
        return list(dict.fromkeys(chain(*(self._calls[name] for name in names))))

    def text_of(self, names: Sequence[str], declared: Iterable[str] = ()) -> str:
        """A module of functions, of copies of what they call, and of declarations."""
        copies = [name for name in self.called_by(names) if name not in names and self._is_copied(name)]
        foreign = [name for name in self.called_by(copies) if name not in copies]
        texts = [*self._others, *(self._texts[name] for name in (*names, *copies, *foreign)), *declared]
        return "\n".join(("builtin.module {", *texts, "}"))

    def _lines(self, names: Iterable[str]) -> int:
        return sum(self._texts[name].count("\n") for name in names)

    def _is_copied(self, name: str) -> bool:
        """Whether each part gets its own copy, or declaration, of a function."""
        if self.operations[name].is_declaration:
            return True
        calls_kernels = any(not self.operations[callee].is_declaration for callee in self._calls[name])
        return self._is_kernel(name) and not calls_kernels and self._lines([name]) <= COPIED_LINES

    def _is_kernel(self, name: str) -> bool:
        """Whether nothing else than the functions of the module can call a kernel; programs may have such names too."""
        return is_kernel(name) and is_private(self.operations[name])

    def _groups(self) -> list[list[str]]:
        """The kernels, those together that call each other."""
        groups: list[list[str]] = []
        for name in filter(self._is_kernel, self.without(())):
            linked = [name, *(callee for callee in self._calls[name] if not self._is_copied(callee))]
            together = [group for group in groups if not set(linked).isdisjoint(group)]
            groups = [group for group in groups if group not in together]
            groups.append([*dict.fromkeys((*chain(*together), *linked))])
        return groups


def called_names(function: FuncOp) -> list[str]:
    """The functions that one calls, each once, in order."""
    calls = (op.callee.string_value() for op in function.walk() if isinstance(op, CallOp))
    return list(dict.fromkeys(calls))


def declaration(function: FuncOp) -> str:
    """The text of a declaration."""
    kind = function.function_type
    return "  " + str(FuncOp.external(function.sym_name.data, list(kind.inputs), list(kind.outputs)))
