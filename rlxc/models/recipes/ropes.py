"""The rope tables of a decoder, by type of layer."""

from __future__ import annotations

from collections.abc import Iterator

from rlxc.diagnostics import RlxcError
from rlxc.flow import ModelFlow
from rlxc.models.config import DecoderConfig, LayerType
from rlxc.models.recipes.form import Form
from rlxc.models.rope import Rope, rope_tables
from rlxc.stages import NamedRopeTables, RopeInputs, Stage
from rlxc.weights import WeightSource
from rlxc.weights.source import Array


def table_name(config: DecoderConfig, kind: LayerType) -> str:
    """What the tables for layers of a type are called: equal ones have one name."""
    first = next(other for other, rope in config.ropes.items() if rope == config.ropes[kind])
    return first.removesuffix("_attention")


def named_ropes(config: DecoderConfig) -> dict[str, Rope]:
    """The different rotary embeddings by the name of their tables."""
    return {table_name(config, kind): rope for kind, rope in config.ropes.items()}


def with_rope_inputs(flow: ModelFlow, config: DecoderConfig) -> ModelFlow:
    """The flow with inputs for the tables that depend on the length of the sequence."""
    for name, rope in named_ropes(config).items():
        for kind in ("cos", "sin") if rope.varies else ():
            flow = flow.input(f"{name}_{kind}", ("P", rope.table_width))
    return flow


def rope_stages(config: DecoderConfig, form: Form, weights: WeightSource) -> Iterator[Stage]:
    """The stages that make the tables."""
    for name, rope in named_ropes(config).items():
        divisors = rope_divisors(config, name, weights)
        if rope.varies and divisors is not None:
            raise RlxcError(
                f"the tensor '{config.rope_factors_key}' divides the frequencies of rope tables that depend on the "
                "length of the sequence: such models are not supported"
            )
        if rope.varies:
            yield RopeInputs(name)
        elif type(rope) is Rope and divisors is None:
            yield NamedRopeTables(name, rope.theta, rope.n_rot, form.positions)
        else:
            yield NamedRopeTables.from_arrays(name, *rope_tables(rope, form.positions, divisors=divisors))


def rope_divisors(config: DecoderConfig, name: str, weights: WeightSource) -> Array | None:
    """The tensor that divides the frequencies of full attention, in files that have one."""
    if config.rope_factors_key is None or name != "full":
        return None
    return weights.get(config.rope_factors_key)
