"""Signatures as JSON, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rlxc.native.signature import ArrayType, Input, Panels, Parameter, RopeTable, ScalarType, Signature, Weight


def to_json(signature: Signature) -> str:
    """The signature as JSON."""
    return json.dumps(asdict(signature))


def from_json(text: str) -> Signature:
    """The signature that `to_json` has written."""
    return signature_of(json.loads(text))


def signature_of(found: Mapping[str, Any]) -> Signature:
    """The signature in what JSON text holds."""
    return Signature(
        found["name"],
        tuple(Input(one["name"], read_type(one["type"]), one["donated"], one["holds"]) for one in found["inputs"]),
        tuple(map(read_parameter, found["parameters"])),
        tuple(map(read_array, found["results"])),
        tuple(found["checks"]),
        arena=found["arena"],
        threaded=found["threaded"],
        profiled=found["profiled"],
    )


def read_type(found: Mapping[str, Any]) -> ArrayType | ScalarType:
    """The type of an input."""
    return read_array(found) if "shape" in found else ScalarType(found["element"])


def read_array(found: Mapping[str, Any]) -> ArrayType:
    """The type of an array."""
    return ArrayType(found["element"], tuple(found["shape"]))


def read_parameter(found: Mapping[str, Any]) -> Parameter:
    """A parameter."""
    origin, panels = found["origin"], found["panels"]
    return Parameter(
        found["name"],
        read_array(found["type"]),
        Weight(tuple(origin["keys"]), origin["transposed"]) if "keys" in origin else RopeTable(**origin),
        None if panels is None else Panels(**panels),
    )
