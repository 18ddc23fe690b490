"""Which layers see a window of keys, and which see all."""

from __future__ import annotations

from rlxc.models.config.family import Family
from rlxc.models.config.layer import LayerType
from rlxc.models.config.reader import ConfigReader

TYPES: tuple[LayerType, ...] = ("full_attention", "sliding_attention")

PATTERN_KEYS = ("sliding_window_pattern", "_sliding_window_pattern")


def layer_types(config: ConfigReader, family: Family, count: int) -> tuple[LayerType, ...]:
    """The type of each layer: as `layer_types` says, or by the rule of the family."""
    listed = family.lists_types and config.has("layer_types")
    types = given_types(config, count) if listed else ruled_types(config, family, count)
    return (*types[:-1], "full_attention") if family.ends_full else types


def given_types(config: ConfigReader, count: int) -> tuple[LayerType, ...]:
    """What `layer_types` lists."""
    listed = config.sequence("layer_types")
    if len(listed) != count:
        raise config.error("layer_types", f"{len(listed)} types", f"one for each of {count} layers")
    for kind in listed:
        if kind not in TYPES:
            raise config.error("layer_types", kind, f"only {' and '.join(TYPES)}")
    return tuple(listed)


def ruled_types(config: ConfigReader, family: Family, count: int) -> tuple[LayerType, ...]:
    """The types by the rule of the family."""
    if window_of(config, family) is None:
        return ("full_attention",) * count
    sliding = sliding_layers(config, family, count)
    return tuple("sliding_attention" if number in sliding else "full_attention" for number in range(count))


def sliding_layers(config: ConfigReader, family: Family, count: int) -> set[int]:
    """The numbers of the layers that see a window."""
    match family.windows:
        case "none":
            return set()
        case "all":
            return set(range(count))
        case "upper":
            return set(range(config.integer("max_window_layers", 28, least=0), count))
        case "even_lower":
            return set(range(0, min(count, config.integer("max_window_layers", 28, least=0)), 2))
        case "pattern":
            key = next(filter(config.has, PATTERN_KEYS), PATTERN_KEYS[0])
            period = config.integer(key, family.pattern)
            return {number for number in range(count) if (number + 1) % period}


def window_of(config: ConfigReader, family: Family) -> int | None:
    """How many keys a query of a sliding layer sees; None if all layers see everything."""
    if family.windows == "none" or (family.switches_window and not config.flag("use_sliding_window", False)):
        return None
    if "sliding_window" not in config.raw:
        return family.window
    return config.integer("sliding_window") if config.has("sliding_window") else None
