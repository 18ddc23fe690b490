"""Typed reading of `config.json`: nobody knows who wrote it."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from rlxc.diagnostics import RlxcError, did_you_mean

MOST = 2**24
"""No count and no size of a model is larger."""


@dataclass(frozen=True)
class ConfigReader:
    """The values of a config by key. A key that is null counts as absent.

    `path` is what stands before the keys in messages, as `rope_parameters.`. All methods raise RlxcError for a
    value of the wrong type or out of range, and for an absent one without a default.
    """

    raw: Mapping[str, Any]
    path: str = ""

    def has(self, key: str) -> bool:
        """Whether there is a value."""
        return self.raw.get(key) is not None

    def integer(self, key: str, default: int | None = None, *, least: int = 1, most: int = MOST) -> int:
        """A whole number."""
        value = self._value(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.error(key, value, f"a whole number from {least} to {most}")
        return value

    def number(self, key: str, default: float | None = None, *, positive: bool = True) -> float:
        """A finite number."""
        value = self._value(key, default)
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            raise self.error(key, value, "a finite number")
        if positive and value <= 0:
            raise self.error(key, value, "a positive number")
        return float(value)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false."""
        value = self._value(key, default)
        if not isinstance(value, bool):
            raise self.error(key, value, "true or false")
        return value

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self._value(key, None)
        if not isinstance(value, str) or not value:
            raise self.error(key, value, "a text")
        return value

    def choice(self, key: str, choices: Collection[str], default: str | None = None) -> str:
        """One of several words."""
        value = self._value(key, default)
        if not isinstance(value, str) or value not in choices:
            close = did_you_mean(value, choices) if isinstance(value, str) else ""
            raise self.error(key, value, f"one of {', '.join(sorted(choices))}", close)
        return value

    def numbers(self, key: str, count: int) -> tuple[float, ...]:
        """`count` positive numbers."""
        value = self.sequence(key)
        reader = ConfigReader({f"{key}[{index}]": item for index, item in enumerate(value)}, self.path)
        if len(value) != count:
            raise self.error(key, f"{len(value)} numbers", f"{count} numbers")
        return tuple(reader.number(f"{key}[{index}]") for index in range(count))

    def integers(self, key: str) -> tuple[int, ...]:
        """A whole number, or several: ids of tokens. Empty if absent."""
        if not self.has(key):
            return ()
        value = self.raw[key]
        items = self.sequence(key) if isinstance(value, list) else [value]
        reader = ConfigReader({f"{key}[{index}]": item for index, item in enumerate(items)}, self.path)
        return tuple(reader.integer(f"{key}[{index}]", least=0) for index in range(len(items)))

    def token(self, key: str, default: int | None = None) -> int | None:
        """The id of a token. None if there is none: if it is absent, or -1, as some configs say."""
        if not self.has(key):
            return default
        found = self.integer(key, least=-1)
        return None if found == -1 else found

    def sequence(self, key: str) -> Sequence[Any]:
        """A list."""
        value = self._value(key, None)
        if not isinstance(value, list | tuple):
            raise self.error(key, value, "a list")
        return cast("Sequence[Any]", value)

    def nested(self, key: str) -> ConfigReader:
        """The object at `key`; an empty one if absent."""
        if not self.has(key):
            return ConfigReader({}, f"{self.path}{key}.")
        value = cast("object", self.raw[key])
        if not isinstance(value, Mapping):
            raise self.error(key, value, "an object")
        return ConfigReader(cast("Mapping[str, Any]", value), f"{self.path}{key}.")

    def error(self, key: str, value: object, expected: str, suggestion: str = "") -> RlxcError:
        """The error for a value."""
        shown = f"{value!r:.80}"
        return RlxcError(f"the config's '{self.path}{key}' is {shown}, expected {expected}{suggestion}")

    def _value(self, key: str, default: object) -> object:
        if self.has(key):
            return cast(object, self.raw[key])
        if default is None:
            raise RlxcError(
                f"the config has no '{self.path}{key}'", hint="config.json of the model is incomplete: add the key"
            )
        return default
