"""Rotary embeddings as configs spell them.

transformers 4 has `rope_theta` and `rope_scaling`; transformers 5 `rope_parameters`, of which models with two
kinds of layers have one for each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rlxc.diagnostics import RlxcError
from rlxc.models.config.family import Family
from rlxc.models.config.layer import LayerType
from rlxc.models.config.reader import ConfigReader
from rlxc.models.rope import DynamicRope, LinearRope, Llama3Rope, LongRope, ProportionalRope, Rope, YarnRope


def read_rope(config: ConfigReader, family: Family, layer_type: LayerType, head_dim: int) -> Rope:
    """The rotary embedding of layers of one type. Raises RlxcError, naming the key, if it is none."""
    parameters = rope_parameters(config, family, layer_type)
    kind = parameters.choice("rope_type", (*KINDS, "su"), "default")
    if kind == "default" and not config.flag("partial_rotary", family.partial_rotary):
        parameters = ConfigReader({**parameters.raw, "partial_rotary_factor": 1.0}, parameters.path)
    return KINDS["longrope" if kind == "su" else kind](parameters, head_dim)


def rope_parameters(config: ConfigReader, family: Family, layer_type: LayerType) -> ConfigReader:
    """What either spelling says, in that of transformers 5, with the defaults of the family."""
    own = given_parameters(config, family, layer_type)
    positions = config.integer("max_position_embeddings", family.max_positions)
    defaults: dict[str, Any] = {
        "rope_type": own.raw.get("type"),
        "rope_theta": theta_beside(config, family, layer_type),
        "max_position_embeddings": positions,
        "original_max_position_embeddings": config.raw.get("original_max_position_embeddings", positions),
        "partial_rotary_factor": config.raw.get(family.partial_rotary_key, family.partial_rotary_factor),
    }
    given = {key: value for key, value in own.raw.items() if value is not None}
    if family.original_positions is not None:
        given["original_max_position_embeddings"] = config.integer(
            "original_max_position_embeddings", family.original_positions
        )
    return ConfigReader(defaults | given, own.path)


def given_parameters(config: ConfigReader, family: Family, layer_type: LayerType) -> ConfigReader:
    """What `rope_parameters` says of layers of a type, or `rope_scaling`, which goes first, as in transformers."""
    own, scaling = config.nested("rope_parameters"), config.nested("rope_scaling")
    by_type = own.has("full_attention") or own.has("sliding_attention")
    match family.ropes_by_type:
        case "always":
            if own.raw and not by_type:
                raise config.error("rope_parameters", dict(own.raw), "parameters by type of layer")
            return own.nested(layer_type)
        case "scaled":
            # transformers adds the types to parameters that are not by type, and reads nothing else of them.
            own = own.nested(layer_type)
            return own if layer_type == "sliding_attention" else ConfigReader({**own.raw, **scaling.raw}, own.path)
        case "any":
            return scaling if scaling.raw else own.nested(layer_type) if by_type else own


def theta_beside(config: ConfigReader, family: Family, layer_type: LayerType) -> Any:
    """The base of the frequencies where the parameters do not say it; sliding layers of Gemma 3 have their own key."""
    local = family.local_theta_key if layer_type == "sliding_attention" else None
    given = config.raw.get(local or family.theta_key)
    return family.rope_theta[layer_type] if given is None else given


def rotated(parameters: ConfigReader, head_dim: int) -> int:
    """How many components of a head are rotated."""
    share = parameters.number("partial_rotary_factor", 1.0)
    n_rot = int(head_dim * share)
    if share > 1 or n_rot < 2 or n_rot % 2:
        expected = f"a share of the {head_dim} components of a head that is even"
        raise parameters.error("partial_rotary_factor", share, expected)
    return n_rot


def theta(parameters: ConfigReader) -> float:
    """The base of the frequencies."""
    return parameters.number("rope_theta")


def default(parameters: ConfigReader, head_dim: int) -> Rope:
    """No scaling."""
    return Rope(theta(parameters), rotated(parameters, head_dim))


def linear(parameters: ConfigReader, head_dim: int) -> Rope:
    """See `LinearRope`."""
    return LinearRope(theta(parameters), rotated(parameters, head_dim), parameters.number("factor"))


def dynamic(parameters: ConfigReader, head_dim: int) -> Rope:
    """See `DynamicRope`."""
    n_rot = rotated(parameters, head_dim)
    if n_rot < 4:
        raise RlxcError(f"dynamic rope needs 4 rotated components at least, the config has {n_rot}")
    positions = parameters.integer("max_position_embeddings")
    return DynamicRope(theta(parameters), n_rot, parameters.number("factor"), positions)


def llama3(parameters: ConfigReader, head_dim: int) -> Rope:
    """See `Llama3Rope`."""
    low, high = parameters.number("low_freq_factor"), parameters.number("high_freq_factor")
    if low >= high:
        raise parameters.error("high_freq_factor", high, f"more than low_freq_factor = {low:g}")
    original = parameters.integer("original_max_position_embeddings")
    return Llama3Rope(
        theta(parameters), rotated(parameters, head_dim), parameters.number("factor"), low, high, original
    )


def yarn(parameters: ConfigReader, head_dim: int) -> Rope:
    """See `YarnRope`."""
    original = parameters.integer("original_max_position_embeddings")
    base = theta(parameters)
    if base == 1:
        raise parameters.error("rope_theta", base, "another base than 1")
    return YarnRope(
        base,
        rotated(parameters, head_dim),
        parameters.number("factor", parameters.integer("max_position_embeddings") / original),
        original,
        parameters.number("beta_fast", 32.0),
        parameters.number("beta_slow", 1.0),
        parameters.flag("truncate", True),
        *(optional_number(parameters, key) for key in ("attention_factor", "mscale", "mscale_all_dim")),
    )


def longrope(parameters: ConfigReader, head_dim: int) -> Rope:
    """See `LongRope`."""
    n_rot = rotated(parameters, head_dim)
    original = parameters.integer("original_max_position_embeddings", least=2)
    return LongRope(
        theta(parameters),
        n_rot,
        parameters.numbers("short_factor", n_rot // 2),
        parameters.numbers("long_factor", n_rot // 2),
        original,
        parameters.number("factor", parameters.integer("max_position_embeddings") / original),
        optional_number(parameters, "attention_factor"),
    )


def proportional(parameters: ConfigReader, head_dim: int) -> Rope:
    """See `ProportionalRope`."""
    share = parameters.number("partial_rotary_factor", 1.0)
    if share > 1 or head_dim % 2:
        raise parameters.error("partial_rotary_factor", share, f"a share of the {head_dim} components of a head")
    turning = int(share * head_dim // 2)
    return ProportionalRope(theta(parameters), head_dim, turning, parameters.number("factor", 1.0))


def optional_number(parameters: ConfigReader, key: str) -> float | None:
    """A number, or None if it is absent."""
    return parameters.number(key) if parameters.has(key) else None


KINDS: Mapping[str, Callable[[ConfigReader, int], Rope]] = {
    "default": default,
    "linear": linear,
    "dynamic": dynamic,
    "llama3": llama3,
    "yarn": yarn,
    "longrope": longrope,
    "proportional": proportional,
}
"""What configs call `rope_type` -> what reads its parameters."""
