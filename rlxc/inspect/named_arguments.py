"""The options of passes and targets: `name{option=value ...}` checked against the class that it names."""

from __future__ import annotations

import dataclasses
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from xdsl.utils.arg_spec import ArgSpec, ArgSpecConvertible, ParameterListType
from xdsl.utils.hints import isa, type_repr

from rlxc.diagnostics.errors import RlxcError
from rlxc.diagnostics.suggest import did_you_mean

ConvertibleT = TypeVar("ConvertibleT", bound=ArgSpecConvertible)


def instantiate(kind: str, definition: type[ConvertibleT], spec: ArgSpec) -> ConvertibleT:
    """The pass or target (as `kind` says) with the options of `spec`.

    Raises RlxcError for an option that does not exist, has the wrong type or is missing.
    """
    options = {field.name for field in dataclasses.fields(definition) if field.init}
    given = spec.normalize_parameter_names().parameters
    types = get_type_hints(definition)
    for name, value in given.items():
        if name not in options:
            near = did_you_mean(name, options)
            raise RlxcError(f"{kind} '{spec.name}' has no option '{name}'{near}", hint=usage(definition))
        if not fits(value, types[name]):
            message = f"option '{name}' of {kind} '{spec.name}' takes {type_repr(types[name])}, got {shown(value)}"
            raise RlxcError(message, hint=usage(definition))
    for name in sorted(definition.required_fields() - given.keys()):
        raise RlxcError(f"{kind} '{spec.name}' needs the option '{name}'", hint=usage(definition))
    try:
        return definition.from_spec(spec)
    except ValueError as error:
        raise RlxcError(f"{kind} '{spec.name}': {error}") from error


def fits(value: ParameterListType, expected: Any) -> bool:
    """Whether the values given for an option make up a value of its type, as xDSL converts them."""
    if not value:
        return NoneType in get_args(expected)
    return (len(value) == 1 and isa(value[0], expected)) or isa(value, expected)


def shown(value: ParameterListType) -> str:
    """The values given for an option, as they are written."""
    return ",".join(_written(one) for one in value) or "no value"


def usage(definition: type[ArgSpecConvertible]) -> str:
    """How the options are written, for a hint."""
    types = get_type_hints(definition)
    names = [field.name for field in dataclasses.fields(definition) if field.init]
    options = " ".join(f"{name}=<{type_repr(types[name])}>" for name in names)
    return f"write {definition.name}{{{options}}}" if options else f"'{definition.name}' takes no options"


def _written(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
