"""Object code in this process: loaded, linked and callable."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from typing import Any, Protocol

from rlxc.diagnostics import RlxcError
from rlxc.native.extras import llvmlite_binding


class Code(Protocol):
    """Functions that are loaded."""

    def address(self, symbol: str) -> int:
        """Where `symbol` lies."""
        ...

    def function(self, symbol: str, result: type[Any] | None, *arguments: type[Any]) -> Any:
        """`symbol` as a ctypes function, which releases the GIL while it runs."""
        ...


class Library:
    """The functions of loaded objects, which are linked with each other. The code lives as long as this object.

    What the code calls (libm, malloc) is taken from this process.
    """

    def __init__(self, objects: Iterable[bytes], symbols: Iterable[str]):
        llvm = llvmlite_binding()
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        builder = llvm.JITLibraryBuilder().add_current_process()
        for object_code in objects:
            builder.add_object_img(object_code)
        for symbol in symbols:
            builder.export_symbol(symbol)
        self._jit = llvm.create_lljit_compiler()
        self._code = self._link(builder)

    def address(self, symbol: str) -> int:
        """Where `symbol`, one of those asked for, lies."""
        return self._code[symbol]

    def function(self, symbol: str, result: type[Any] | None, *arguments: type[Any]) -> Any:
        """`symbol` as a ctypes function, which releases the GIL while it runs.

        It keeps this library alive.
        """
        function: Any = ctypes.CFUNCTYPE(result, *arguments)(self.address(symbol))
        function.library = self
        return function

    def _link(self, builder: Any) -> Any:
        try:
            return builder.link(self._jit, "rlxc")
        except RuntimeError as error:
            raise RlxcError(f"cannot load the object code: {error}") from error
