"""The function that the threads of a team call: `entry(arguments, thread)`, whatever the arguments are."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import Any

LLVM_TYPES: dict[type[Any], str] = {
    ctypes.c_void_p: "ptr",
    ctypes.c_float: "float",
    ctypes.c_double: "double",
    ctypes.c_bool: "i1",
    ctypes.c_int8: "i8",
    ctypes.c_int32: "i32",
    ctypes.c_int64: "i64",
}
"""The LLVM type of each type that is passed."""


def arguments_struct(kinds: Sequence[type[Any]]) -> type[ctypes.Structure]:
    """A struct with one field for each argument that all threads have in common."""
    fields = [(field_name(index), kind) for index, kind in enumerate(kinds)]
    return type("Arguments", (ctypes.Structure,), {"_fields_": fields})


def field_name(index: int) -> str:
    """The name of the field of an argument."""
    return f"argument{index}"


def thread_entry(symbol: str, entry: str, kinds: Sequence[type[Any]]) -> str:
    """LLVM IR that defines `symbol(struct, thread)`: `entry` called with the fields, `thread` before the last."""
    struct = f"%{symbol}.arguments"
    lines: list[str] = []
    passed: list[str] = []
    for index, kind in enumerate(LLVM_TYPES[kind] for kind in kinds):
        lines.append(f"  %place{index} = getelementptr {struct}, ptr %arguments, i64 0, i32 {index}")
        if kind == "i1":
            lines.append(f"  %byte{index} = load i8, ptr %place{index}")
            lines.append(f"  %argument{index} = trunc i8 %byte{index} to i1")
        else:
            lines.append(f"  %argument{index} = load {kind}, ptr %place{index}")
        passed.append(f"{kind} %argument{index}")
    passed.insert(len(passed) - 1, "i64 %thread")
    fields = ", ".join("i8" if kind is ctypes.c_bool else LLVM_TYPES[kind] for kind in kinds)
    head = [f"{struct} = type {{ {fields} }}", f"define void @{symbol}(ptr %arguments, i64 %thread) {{"]
    return "\n".join([*head, *lines, f"  call void @{entry}({', '.join(passed)})", "  ret void", "}", ""])
