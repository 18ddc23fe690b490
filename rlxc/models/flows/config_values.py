"""What texts can name of a config: its keys, and as `decoder` or `encoder` the model that it describes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rlxc.models.config import DecoderConfig, EncoderConfig, ModelConfig, read_config
from rlxc.models.config.read_encoder import ENCODERS
from rlxc.models.recipes import named_ropes
from rlxc.models.recipes.caches import one_serves_as_both
from rlxc.models.recipes.ropes import table_name
from rlxc.models.rope import Rope

DECODER, ENCODER = "decoder", "encoder"


@dataclass(frozen=True)
class ConfigValues(Mapping[str, Any]):
    """The keys of `config.json`, and `decoder` or `encoder`, which is read from them when it is asked for."""

    raw: Mapping[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self._model if key == self.name else self.raw[key]

    def __contains__(self, key: object) -> bool:
        return key == self.name or key in self.raw

    def __iter__(self) -> Iterator[str]:
        return iter({**self.raw, self.name: None})

    def __len__(self) -> int:
        return len({*self.raw, self.name})

    @property
    def name(self) -> str:
        """What the model is called."""
        return ENCODER if self.raw["model_type"] in ENCODERS else DECODER

    @cached_property
    def _model(self) -> Mapping[str, Any]:
        return values_of(read_config(self.raw))


def config_values(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of the content of a `config.json`; the model only where it says which one it is."""
    return ConfigValues(raw) if "model_type" in raw else raw


def model_values(config: DecoderConfig, positions: int, padded: bool) -> Mapping[str, Any]:
    """The values of a config that has been read, for a program of at most `positions` tokens."""
    return {DECODER: decoder_values(config), "positions": positions, "padded": padded}


def encoder_flow_values(config: EncoderConfig, padded: bool) -> Mapping[str, Any]:
    """The values of a config that has been read, for a program with a mask if `padded`."""
    return {ENCODER: encoder_values(config), "padded": padded}


def values_of(config: ModelConfig) -> Mapping[str, Any]:
    """The fields of a config."""
    return encoder_values(config) if isinstance(config, EncoderConfig) else decoder_values(config)


def encoder_values(config: EncoderConfig) -> Mapping[str, Any]:
    """The fields of a config, and the width of its heads."""
    return {**dataclasses.asdict(config), "head_dim": config.head_dim}


def decoder_values(config: DecoderConfig) -> Mapping[str, Any]:
    """The fields of a config; each layer knows its rope tables."""
    fields = {field.name: getattr(config, field.name) for field in dataclasses.fields(config)}
    ropes = [rope_values(name, rope) for name, rope in named_ropes(config).items()]
    layers = [layer_values(config, number) for number in range(len(config.layers))]
    return {**fields, "window": config.window, "ropes": ropes, "layers": layers}


def rope_values(name: str, rope: Rope) -> Mapping[str, Any]:
    """A rotary embedding whose tables are called `name`."""
    return {
        "name": name,
        "rope": rope,
        "theta": rope.theta,
        "n_rot": rope.n_rot,
        "width": rope.table_width,
        "varies": rope.varies,
        "plain": type(rope) is Rope,
    }


def layer_values(config: DecoderConfig, number: int) -> Mapping[str, Any]:
    """The fields of a layer, its rope tables and its caches."""
    layer = config.layers[number]
    kind = layer.attention.type
    attention = dataclasses.asdict(layer.attention)
    attention |= {"rope_table": table_name(config, kind), "n_rot": config.ropes[kind].n_rot}
    attention |= {"cache_layer": config.cache_layer(number), "one_cache": one_serves_as_both(layer.attention)}
    experts = None if layer.experts is None else dataclasses.asdict(layer.experts)
    return {"attention": attention, "mlp": dataclasses.asdict(layer.mlp), "experts": experts}
