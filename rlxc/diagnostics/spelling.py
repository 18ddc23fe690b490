"""What a misspelt operation, attribute or type of MLIR text may have been meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xdsl.context import Context
from xdsl.ir import Dialect

from rlxc.diagnostics.suggest import closest, did_you_mean

BUILTIN_TYPES = (
    *("tensor", "memref", "vector", "tuple", "complex", "index", "none"),
    *("i1", "i8", "i16", "i32", "i64", "f16", "bf16", "f32", "f64"),
)


def near_operation(name: str, context: Context, dialect_stack: Sequence[str]) -> str:
    """The suggestion for an unknown operation; within `dialect_stack`, names may lack their dialect."""
    dialect, _, _ = name.rpartition(".")
    if dialect:
        return did_you_mean(name, operations(near_dialect(dialect, context), context))
    return did_you_mean(
        name, (Dialect.split_name(full)[1] for near in dialect_stack for full in operations(near, context))
    )


def near_attribute(name: str, context: Context, is_type: bool) -> tuple[str, str]:
    """The word `type` or `attribute`, and the suggestion for an unknown one called `name`."""
    dialect = near_dialect(name.partition(".")[0], context)
    load(dialect, context)
    known = context.loaded_types if is_type else context.loaded_attrs
    near = did_you_mean(name, (entry.name for entry in known if entry.name.startswith(f"{dialect}.")))
    return ("type" if is_type else "attribute"), near


def near_dialect(name: str, context: Context) -> str | None:
    """The registered dialect called `name`, or the one most like it."""
    known = tuple(context.registered_dialect_names)
    return name if name in known else closest(name, known)


def operations(dialect: str | None, context: Context) -> Iterable[str]:
    """The full names of a dialect's operations."""
    load(dialect, context)
    return [op.name for op in context.loaded_ops if op.dialect_name() == dialect]


def load(dialect: str | None, context: Context) -> None:
    """Load a registered dialect, if it is not loaded yet."""
    loaded = {known.name for known in context.loaded_dialects}
    if dialect is not None and dialect in context.registered_dialect_names and dialect not in loaded:
        context.load_registered_dialect(dialect)
